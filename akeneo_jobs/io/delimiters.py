"""Find the delimiter of a CSV file from its header and first rows."""

import csv
from itertools import islice

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed

DELIMITERS = ",;\t|"
ROWS = 100  # So many are looked at.


def found_delimiter(lines, dialect, required=()):
    """Return the delimiter of which header and rows make the same number of columns.

    A header that has none of them is a single column. Raises `JobFailed` if two do as well.
    """
    lines = list(lines)
    tables = {delimiter: _table(lines, dialect, delimiter) for delimiter in DELIMITERS}
    headed = {d: table for d, table in tables.items() if table and len(table[0]) > 1}
    complete = {d: table for d, table in headed.items() if _has(table[0], required)}
    ranks = {delimiter: _rank(table) for delimiter, table in (complete or headed).items()}
    best = [delimiter for delimiter, rank in ranks.items() if rank == max(ranks.values())]
    if len(best) > 1 or (ranks and not max(ranks.values())[0]):
        raise JobFailed(
            _("The delimiter cannot be told from the header and the first rows. Name it.")
        )
    return best[0] if best else ","


def _table(lines, dialect, delimiter):
    """Return the first rows, the header among them; the last line may be cut off."""
    records = csv.reader(lines, **{**dialect, "delimiter": delimiter})
    try:
        return list(islice(filter(any, records), ROWS + 1))
    except csv.Error:
        return []


def _has(header, required):
    return {name.strip() for name in header}.issuperset(required)


def _rank(table):
    """Return which share of the rows has as many cells as the header, and this number."""
    width = len(table[0])
    matching = sum(len(cells) == width for cells in table[1:])
    return matching / (len(table) - 1) if len(table) > 1 else 1, width
