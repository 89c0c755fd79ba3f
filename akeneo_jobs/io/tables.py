"""Tables: a header, and rows of as many cells."""

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.rejects import RESERVED, ROW, origin_of
from akeneo_jobs.io.rows import OddRow, Row, Rows

NAMES_SHOWN = 12  # Column names quoted in a message.


class Header:
    """The names of the columns, and the places of those that only a rejects file has."""

    def __init__(self, cells):
        names = [name.strip() for name in cells]
        while names and not names[-1]:  # A delimiter at the end of each line makes no column.
            names.pop()
        self.reserved = [index for index, name in enumerate(names) if name in RESERVED]
        self.origin = names.index(ROW) if ROW in names else None
        _check_names(names)
        self.columns = tuple(name for name in names if name not in RESERVED)
        _check_columns(self.columns)

    def divided(self, cells):
        """Return the origin of a row, and the cells without the reserved ones."""
        if not self.reserved:
            return None, cells
        known = self.origin is not None and self.origin < len(cells)
        rest = [cell for index, cell in enumerate(cells) if index not in self.reserved]
        return origin_of(cells[self.origin]) if known else None, rest


class Table(Rows):
    """The rows of a table."""

    errors = ()  # What stops the reading; `_refusal` makes a sentence of them.

    def __init__(self, file, header, begin):
        super().__init__(file, header.columns, begin)
        self._header = header

    def _rows_of(self, records, source, cursor):
        """Yield the rows of lists of texts; this loop is what reading costs."""
        columns, begin = self.columns, cursor.position
        position = begin
        width = -1 if self._header.reserved else len(columns)  # -1: all rows are odd.
        try:
            for position, cells in enumerate(records, begin + 1):
                if len(cells) == width and cells[0] and source.is_plain:
                    row = Row(zip(columns, cells))  # noqa: B905 (of one length; an option costs time)
                    row.cells = cells
                elif source.is_ended:
                    return self._check_end(cells, position)
                elif any(cells):
                    row = self._odd_row(cells)
                else:
                    cursor.position, cursor.blanks = position, cursor.blanks + 1
                    continue
                row.position = cursor.position = position
                self._cursor = cursor  # Another iteration may have been here.
                yield row
        except self.errors as error:
            raise self._refusal(error, position + 1) from None

    def _refusal(self, error, position):
        raise NotImplementedError

    def _check_end(self, cells, position):
        """Refuse a file that ends in the middle of a row, whose cells these are then."""

    def _odd_row(self, cells):
        origin, cells = self._header.divided(cells)
        row = OddRow(zip(self.columns, cells, strict=False))
        row.cells, row.origin, row.fault = cells, origin, fault_of(self.columns, cells)
        return row


def require_columns(required, columns, *, found=None, hint=""):
    """Refuse a table that lacks a column; say which ones it has."""
    missing = [name for name in required if name not in columns]
    if missing:
        sentence = _("Missing column: %(missing)s. The file has: %(found)s.") % {
            "missing": ", ".join(missing),
            "found": bounded(columns if found is None else found),
        }
        raise JobFailed(f"{sentence} {hint}".strip())


def fault_of(columns, cells):
    """Return what is wrong with the shape of a row, None for a sound one."""
    if "\0" in "".join(cells):
        return _("The row holds a NUL character.")
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        return _("The row has %(cells)d cells, the header has %(columns)d.") % {
            "cells": len(cells),
            "columns": len(columns),
        }
    return None


def bounded(names):
    """Join names for a message, not all of very many."""
    shown = [name if len(name) <= 60 else f"{name[:60]}…" for name in names[:NAMES_SHOWN]]
    return ", ".join([*shown, "…"] if len(names) > NAMES_SHOWN else shown)


def empty_file():
    """Return the refusal of a file that has no header."""
    return JobFailed(_("The file is empty."))


def _check_names(names):
    if "\0" in "".join(names):
        raise JobFailed(
            _("This is no text file, or its encoding is another: its header holds NULs.")
        )
    if not names or "" in names:
        number = names.index("") + 1 if names else 1
        raise JobFailed(_("Column %d has no name in the header.") % number)


def _check_columns(columns):
    if not columns:
        raise JobFailed(_("The header has no columns but those of a rejects file."))
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        raise JobFailed(_("The header names a column twice: %s.") % bounded(twice))
