"""Numbers and durations as people read them, in their language."""

from django.utils.formats import number_format
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def grouped(number):
    """Write a whole number with separators: 1994 reads "1,994"."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


def duration_in_words(seconds, *, units=2):
    """Say a duration in its largest units: 135 reads "2 minutes 15 seconds"."""
    seconds = max(0, round(seconds))
    parts = [_in_words(unit, count) for unit, count in _split(seconds) if count]
    return " ".join(parts[:units]) or _in_words(1, 0)


def about_in_words(seconds):
    """Say a duration in one unit, rounded: 135 reads "2 minutes"."""
    for unit in (DAY, HOUR, MINUTE):
        if seconds >= 1.5 * unit:
            return _in_words(unit, round(seconds / unit))
    return _in_words(1, max(0, round(seconds)))


def _split(seconds):
    for unit in (DAY, HOUR, MINUTE, 1):
        yield unit, seconds // unit
        seconds %= unit


def _in_words(unit, count):
    texts = {
        DAY: ngettext("%(count)s day", "%(count)s days", count),
        HOUR: ngettext("%(count)s hour", "%(count)s hours", count),
        MINUTE: ngettext("%(count)s minute", "%(count)s minutes", count),
        1: ngettext("%(count)s second", "%(count)s seconds", count),
    }
    return texts[unit] % {"count": grouped(count)}
