"""Write rows as CSV or XLSX to a binary stream, which stays open for whoever opened it."""

import csv
import io
import re

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


class Writer:
    """A table being written: `write` rows, then `close`, or use it in a `with`."""

    def __enter__(self):
        return self

    def __exit__(self, kind, *details):
        if kind is None:
            self.close()
        else:
            self.abandon()

    def abandon(self):
        """Let go of the stream and of what is not written yet."""


class CsvWriter(Writer):
    """Write rows as CSV, each as soon as it comes."""

    def __init__(self, stream, columns, delimiter=",", encoding="utf-8"):
        self.encoding = encoding
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self._csv = csv.DictWriter(self._text, columns, extrasaction="ignore", delimiter=delimiter)
        self._csv.writeheader()

    def write(self, row):
        """Add one row; a column it does not name stays empty."""
        try:
            self._csv.writerow({name: _plain(value) for name, value in row.items()})
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            values = {"character": character, "encoding": self.encoding}
            raise JobFailed(
                _("“%(character)s” cannot be written in %(encoding)s. Choose utf-8.") % values
            ) from None

    def close(self):
        self._text.detach()

    abandon = close


class XlsxWriter(Writer):
    """Write rows as XLSX; text stays text, whatever it looks like."""

    def __init__(self, stream, columns):
        if openpyxl is None:
            raise JobFailed(_("XLSX files need an extra: pip install django-akeneo-jobs[xlsx]"))
        self.columns = list(columns)
        self._stream = stream
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        self.write(dict(zip(self.columns, self.columns, strict=True)))

    def write(self, row):
        """Add one row; a column it does not name stays empty."""
        self._sheet.append([self._cell(name, row.get(name)) for name in self.columns])

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
        cell = WriteOnlyCell(self._sheet, value=UNSAFE.sub(_escaped, value))
        cell.data_type = "s"  # Neither a number nor a formula.
        return cell


def _plain(value):
    return int(value) if isinstance(value, bool) else value


def _escaped(match):
    return f"_x{ord(match.group()):04X}_"
