"""A row of a product file, read: what it says about one product, or what is wrong with it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from akeneo_jobs import ItemRefused

from .codes import code_of, code_of_path, too_long
from .mapping import VALUE
from .models import Category, Family, Product

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.([0-9]*))?")
PRICE_LIMIT = Decimal(10) ** 10  # Twelve digits, two of them behind the point.
VALUE_LIMIT = 32_767  # Characters: as many as a cell of XLSX holds, so that exports lose nothing.
YES = {"1", "true", "yes"}
NO = {"0", "false", "no"}
REMEMBERED = 4096  # Families and categories come again and again.


@dataclass(slots=True)
class ProductDraft:
    """What one row says; a field that it does not mention stays as it is."""

    row: dict
    fields: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)  # Attribute → text; an empty one is removed.

    @property
    def sku(self):
        return self.fields["sku"]


class DraftReader:
    """Turns the rows of one file into drafts; `text` makes a text of a cell."""

    def __init__(self, targets, text=str.strip):
        self._text = text
        self._cells = [(column, *_destination(target)) for column, target in targets.items()]

    def read(self, row):
        """Return a draft; raise `ItemRefused` at the first cell that is wrong."""
        fields, values, attributes = {}, {}, {}
        parts, text = {"field": fields, "value": values}, self._text
        try:
            for column, kind, name, read in self._cells:
                if column not in row:
                    continue  # In JSON lines only.
                content = read(text(row[column]))
                if kind == "attributes":
                    attributes = content
                elif content is not None or name != "enabled":
                    parts[kind][name] = content
        except ItemRefused as fault:
            fault.field = column
            raise
        if "sku" not in fields:
            raise _missing_sku()
        return ProductDraft(row, fields, values | attributes)


def _destination(target):
    """Return the part of a draft that a target is in, its name there, and what reads it."""
    if target.startswith(VALUE):
        return "value", target.removeprefix(VALUE), _value
    kind = "attributes" if target == "attributes" else "field"
    return kind, target, READERS[target]


def _sku(text):
    if not text:
        raise _missing_sku()
    return _short(text, Product, "sku")


def _missing_sku():
    return ItemRefused(_("The SKU is missing."), code="missing", field="sku")


def _name(text):
    if not text:
        raise ItemRefused(_("The name is missing."), code="missing")
    return _short(text, Product, "name")


@lru_cache(REMEMBERED)
def _family(text):
    """Return the code and the name of a family; None where there is none."""
    _short(text, Family, "name")
    return (_short(code_of(text), Family, "code"), text) if text else None


@lru_cache(REMEMBERED)
def _categories(text):
    """Read codes and paths of names, such as "shoes,Sport/Winter/Ski boots": code → path."""
    paths = [[name.strip() for name in path.split("/")] for path in text.split(",")]
    paths = [tuple(filter(None, path)) for path in paths]
    for path in paths:
        _short(code_of_path(path), Category, "code")
        for name in path:
            _short(name, Category, "name")
    return {code_of_path(path): path for path in paths if path}


def _price(text):
    if not text:
        return None
    number = NUMBER.fullmatch(text)
    if not number:
        raise ItemRefused(_("“%s” is no number, such as 12.50.") % text[:60], code="invalid")
    price = Decimal(text)
    if price < 0:
        raise ItemRefused(_("The price is negative."), code="invalid")
    if price >= PRICE_LIMIT or len((number[1] or "").rstrip("0")) > 2:
        raise ItemRefused(
            _("The price has too many digits: ten before the point and two behind it are allowed."),
            code="too_long",
        )
    return price


def _enabled(text):
    """Return yes or no; None where nothing is said."""
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    if word:
        raise ItemRefused(_("“%s” is neither yes nor no (1, 0).") % text[:60], code="invalid")
    return None


def _attributes(text):
    """Read "color=Red,size=S,M": a piece without a name belongs to the value before it."""
    values, name = {}, ""
    for piece in text.split(",") if text else ():
        if "=" in piece:
            name, _equals, value = (part.strip() for part in piece.partition("="))
            values[name] = value
        elif name:
            values[name] += f",{piece}"
        if not name:
            raise ItemRefused(_("“%s” is no “name=value”.") % piece[:60], code="invalid")
    return {name: _value(value.strip()) for name, value in values.items()}


def _value(text):
    if len(text) > VALUE_LIMIT:
        raise ItemRefused(
            _("A value has %(length)d characters, at most %(limit)d are allowed.")
            % {"length": len(text), "limit": VALUE_LIMIT},
            code="too_long",
        )
    return text


def _short(text, model, name):
    reason = too_long(text, model, name)
    if reason:
        raise ItemRefused(reason, code="too_long")
    return text


READERS = {
    "sku": _sku,
    "name": _name,
    "family": _family,
    "categories": _categories,
    "price": _price,
    "enabled": _enabled,
    "attributes": _attributes,
}
