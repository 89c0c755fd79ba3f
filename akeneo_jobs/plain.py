"""Values that every database and every page takes."""

import math
import operator

LARGEST = 2**63 - 1  # what a column of big integers holds
TEXT_LIMIT = 1000  # characters of one value


def clean_text(value):
    """Return text without NUL and lone surrogates, which databases refuse."""
    if type(value) is str and value.isascii() and "\0" not in value:
        return value  # Nearly all of them; the rest costs ten times as much.
    try:
        text = str(value)
    except Exception:  # A host's own __str__; what it says is only for people.
        text = f"<{type(value).__name__}>"
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def short_value(value):
    """Return a value that JSON holds: a plain one as it is, any other as bounded text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = clean_text(value)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


def whole_number(value, name):
    """Return an int from 0 on that a column holds.

    Raises `TypeError` for what is no whole number, `ValueError` for one out of range.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{name} must be from 0 to {LARGEST}, not {number}")
    return number


def is_storable(value):
    """Say whether a JSON value has only text that every database takes."""
    if isinstance(value, str):
        return clean_text(value) == value
    if isinstance(value, dict):
        return all(is_storable(part) for pair in value.items() for part in pair)
    return all(map(is_storable, value)) if isinstance(value, list) else True


def length_of(iterable):
    """Return how many items an iterable says it has, or None."""
    length = operator.length_hint(iterable, -1)
    return None if length < 0 else length
