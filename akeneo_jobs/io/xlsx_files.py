"""One sheet of an XLSX file as rows of text."""

import datetime
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.archives import check_archive, damaged
from akeneo_jobs.io.compressed import readable
from akeneo_jobs.io.rows import POSITION, Cursor
from akeneo_jobs.io.tables import Header, Table, bounded, empty_file, require_columns

try:
    import python_calamine as calamine
except ImportError:  # The extra [xlsx] is not installed.
    calamine = None


def read_xlsx(file, *, sheet=None, required=()):
    """Open one sheet of an XLSX file as Rows: the first one, unless it is named.

    Raises `JobFailed`.
    """
    if calamine is None:
        raise JobFailed(_("XLSX files need an extra: pip install django-akeneo-jobs[xlsx]"))
    file = readable(file)
    has_nul = check_archive(file)
    rows = XlsxRows(file, _sheet(file, sheet), Source(is_plain=not has_nul))
    require_columns(required, rows.columns)
    return rows


@dataclass
class Source:
    """What a table is read from, as far as the reading of rows asks."""

    is_plain: bool  # It holds no NUL.
    is_ended = False


class XlsxRows(Table):
    """The rows of a sheet, which lies in memory in a compact form; the place in a mark is a row."""

    extension = ".xlsx"

    def __init__(self, file, sheet, source):
        self._sheet, self._source = sheet, source
        lines = enumerate(_texts(sheet.iter_rows()))
        number, cells = next((line for line in lines if any(line[1])), (0, None))
        if cells is None:
            raise empty_file()
        super().__init__(file, Header(cells), [number + 1, 0, 0])
        if not any(any(cells) for _number, cells in lines):
            raise JobFailed(self._emptiness())

    def _dialect_of(self):
        return {"format": "xlsx"}

    def _read(self, start):
        cursor = Cursor(start, lambda: start[0] + cursor.position - start[POSITION])
        rows = islice(self._sheet.iter_rows(), start[0], None)
        return self._rows_of(_texts(rows), self._source, cursor)

    def _count(self):
        rows = islice(self._sheet.iter_rows(), self._begin[0], None)
        return sum(row.count("") < len(row) for row in rows)


def _sheet(file, name):
    file.seek(0)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(file)
        names = workbook.sheet_names
        if name is not None and name not in names:
            raise JobFailed(
                _("There is no sheet “%(sheet)s”. The file has: %(found)s.")
                % {"sheet": name, "found": bounded(names)}
            )
        return workbook.get_sheet_by_name(names[0] if name is None else name)
    except (calamine.CalamineError, IndexError):
        raise damaged() from None


def _texts(rows):
    return ([cell if type(cell) is str else _text(cell) for cell in row] for row in rows)


def _text(value):
    """Write a value as a person would: 12 for 12.0, 1 and 0 for true and false, dates in ISO."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
