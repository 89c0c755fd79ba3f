"""Write rows as CSV, JSON lines or XLSX to a binary stream, and leave it open."""

import csv
import io
import re
from itertools import chain, repeat
from operator import itemgetter

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed

try:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
except ImportError:  # The extra [xlsx] is not installed.
    openpyxl = None

XLSX_CELL_LIMIT = 32_767  # Characters; a longer text would be cut without a word.
# What XML cannot hold, and what looks like its escape.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


BOOLEANS = frozenset({bool})


class Writer:
    """A table being written: `write` rows, then `close`, or use it in a `with`."""

    def __enter__(self):
        return self

    def __exit__(self, kind, *details):
        if kind is None:
            self.close()
        else:
            self.abandon()

    def write_many(self, rows):
        """Add rows, each as soon as it comes."""
        for row in rows:
            self.write(row)

    def flush(self):
        """Hand all that was written to the stream, where the format allows it."""

    def close(self):
        """Write what is left; the stream stays open."""

    def abandon(self):
        """Let go of the stream and of what is not written yet."""


class CsvWriter(Writer):
    """Write rows as CSV, each as soon as it comes."""

    def __init__(self, stream, columns, delimiter=",", encoding="utf-8", header=True):
        self.columns = list(columns)
        self.encoding = encoding
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self._csv = csv.writer(self._text, delimiter=delimiter)
        self._chosen = itemgetter(*columns) if len(self.columns) > 1 else self._found
        if header:
            self.write(dict(zip(self.columns, self.columns, strict=True)))

    def write(self, row):
        """Add one row; a column it does not name stays empty."""
        self.write_cells(self._cells(row))

    def write_cells(self, cells):
        """Add one row of cells, in the order of the columns and as they are to be read."""
        try:
            self._csv.writerow(cells)
        except UnicodeEncodeError as error:
            raise self._unwritable(error) from None

    def write_many(self, rows):
        """Add rows, each as soon as it comes."""
        try:
            self._csv.writerows(map(self._cells, rows))
        except UnicodeEncodeError as error:
            raise self._unwritable(error) from None

    def flush(self):
        self._text.flush()

    def close(self):
        self._text.detach()

    abandon = close

    def _cells(self, row):
        try:
            cells = self._chosen(row)
        except KeyError:
            cells = self._found(row)
        if BOOLEANS.isdisjoint(map(type, cells)):
            return cells
        return [int(cell) if isinstance(cell, bool) else cell for cell in cells]

    def _found(self, row):
        return [row.get(name) for name in self.columns]

    def _unwritable(self, error):
        values = {"character": error.object[error.start], "encoding": self.encoding}
        return JobFailed(
            _("“%(character)s” cannot be written in %(encoding)s. Choose utf-8.") % values
        )


class JsonLinesWriter(Writer):
    """Write rows as JSON, one object on each line; dates and decimals as text."""

    def __init__(self, stream):
        self._stream = stream
        self._encode = DjangoJSONEncoder(ensure_ascii=False, allow_nan=False).encode

    def write(self, row):
        """Add one row, with all its values."""
        # A lone surrogate has no bytes in UTF-8.
        self._stream.write(self._encode(row).encode("utf-8", "replace") + b"\n")


class XlsxWriter(Writer):
    """Write rows as XLSX; text stays text, whatever it looks like."""

    def __init__(self, stream, columns, *, header=True):
        if openpyxl is None:
            raise JobFailed(_("XLSX files need an extra: pip install django-akeneo-jobs[xlsx]"))
        self.columns = list(columns)
        self._stream = stream
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        if header:
            self.write_cells(self.columns)

    def write(self, row):
        """Add one row; a column it does not name stays empty."""
        self.write_cells([row.get(name) for name in self.columns])

    def write_cells(self, cells):
        """Add one row of cells, which may be more than there are columns."""
        names = chain(self.columns, repeat("#"))
        self._sheet.append([self._cell(*cell) for cell in zip(names, cells, strict=False)])

    def close(self):
        self._book.save(self._stream)

    def abandon(self):
        self._sheet.close()
        self._book.save(io.BytesIO())  # Removes its temporary file.

    def _cell(self, name, value):
        if value == "" or not isinstance(value, str):
            return value or (value if value == 0 else None)
        if len(value) > XLSX_CELL_LIMIT:
            raise JobFailed(_("A cell of “%s” is too long for XLSX. Export it as CSV.") % name)
        value = UNSAFE.sub(_escaped, value)
        if value[0] not in "=#":
            return value
        cell = WriteOnlyCell(self._sheet, value=value)
        cell.data_type = "s"  # Neither a formula nor an error.
        return cell


def _escaped(match):
    return f"_x{ord(match.group()):04X}_"
