"""Tables as rows of strings; a file that cannot be read is refused before its first row."""

import codecs
import csv
import datetime
import io
import shutil
import tempfile
from contextlib import contextmanager, suppress
from itertools import chain

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.archives import check_archive, damaged

try:
    import python_calamine as calamine
except ImportError:  # The extra [xlsx] is not installed.
    calamine = None

CELL_LIMIT = 64 * 1024 * 1024  # Characters in one cell of a CSV file.
CHUNK = 64 * 1024  # Bytes.
NAMES_SHOWN = 12  # Column names quoted in a message.
END = "\0end"  # A line of our own behind the last one: an unclosed quote swallows it.


class Row(dict):
    """One row, column → text, with its place in the file and what is wrong with its shape."""

    def __init__(self, columns, cells, position):
        super().__init__(zip(columns, cells, strict=False))
        self.position = (
            position  # 1 is the first line under the header; blank lines have a place too.
        )
        self.fault = _fault(columns, cells)


class Rows:
    """A table that knows its length, can be read again and again, but by one reader at a time."""

    def __init__(self, columns, count, read):
        self.columns = columns
        self._count = count
        self._read = read  # Returns an iterator of (position, cells), without the header.

    def __len__(self):
        return self._count

    def __iter__(self):
        for position, cells in self._read():
            yield Row(self.columns, cells, position)


def read_csv(file, *, delimiter=",", encoding="utf-8", required=()):
    """Open a CSV file as Rows, having read it once to the end to see that it can be read."""
    _check_dialect(delimiter, encoding)
    file = _rewindable(file)
    _check_start(file)

    def read():
        with _as_text(file, encoding) as lines:
            yield from _numbered(_csv_cells(lines, delimiter))

    table = _checked(read(), file, encoding)
    columns = _columns(next(table, None))
    hint = _("Is “%s” the right delimiter?") % delimiter
    require_columns(required, columns, hint=hint)
    count = sum(1 for _row in table)
    return Rows(columns, _some(count), lambda: _without_header(read()))


def read_xlsx(file, *, sheet=None, required=()):
    """Open one sheet of an XLSX file as Rows: the first one, unless it is named."""
    if calamine is None:
        raise JobFailed(_("XLSX files need an extra: pip install django-akeneo-jobs[xlsx]"))
    file = _rewindable(file)
    check_archive(file)
    table = list(_numbered(_xlsx_cells(file, sheet)))
    columns = _columns(table[0] if table else None)
    require_columns(required, columns)
    return Rows(columns, _some(len(table) - 1), lambda: iter(table[1:]))


def require_columns(required, columns, *, found=None, hint=""):
    """Refuse a table that lacks a column; say which ones it has."""
    missing = [name for name in required if name not in columns]
    if missing:
        sentence = _("Missing column: %(missing)s. The file has: %(found)s.") % {
            "missing": ", ".join(missing),
            "found": _bounded(columns if found is None else found),
        }
        raise JobFailed(f"{sentence} {hint}".strip())


def _fault(columns, cells):
    if any("\0" in cell for cell in cells):
        return _("The row holds a NUL character.")
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        return _("The row has %(cells)d cells, the header has %(columns)d.") % {
            "cells": len(cells),
            "columns": len(columns),
        }
    return None


def _numbered(table):
    """Number the lines as a spreadsheet does, from the header (0), and leave the blank ones out."""
    header = None
    for number, cells in enumerate(table):
        if any(cells):
            header = number if header is None else header
            yield number - header, cells


def _without_header(table):
    next(table)
    return table


def _columns(header):
    if header is None:
        raise JobFailed(_("The file is empty."))
    names = [name.strip() for name in header[1]]
    while names and not names[-1]:  # A delimiter at the end of each line makes no column.
        names.pop()
    if "\0" in "".join(names):
        raise JobFailed(
            _("This is no text file, or its encoding is another: its header holds NULs.")
        )
    if not names or "" in names:
        number = names.index("") + 1 if names else 1
        raise JobFailed(_("Column %d has no name in the header.") % number)
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise JobFailed(_("The header names a column twice: %s.") % _bounded(twice))
    return tuple(names)


def _some(count):
    if not count:
        raise JobFailed(_("The file has a header but no rows."))
    return count


def _bounded(names):
    shown = [name if len(name) <= 60 else f"{name[:60]}…" for name in names[:NAMES_SHOWN]]
    return ", ".join([*shown, "…"] if len(names) > NAMES_SHOWN else shown)


def _rewindable(file):
    """Return the file at hand, or a copy of one that can be read only once."""
    if file.closed:
        file.open("rb")
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the rows)
    shutil.copyfileobj(file, copy)
    return copy


# CSV


def _check_dialect(delimiter, encoding):
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise JobFailed(_("The encoding “%s” is not known. Try utf-8.") % encoding) from None
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise JobFailed(_("The delimiter must be one character, such as a comma."))


def _check_start(file):
    file.seek(0)
    if file.read(4) == b"PK\x03\x04":
        raise JobFailed(_("This is an archive, such as XLSX, not CSV. Choose another import."))


@contextmanager
def _as_text(file, encoding):
    """Decode the file from its start, and leave it open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=_with_bom(encoding), newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # The file has been closed meanwhile.
            text.detach()


def _with_bom(encoding):
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _csv_cells(lines, delimiter):
    csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
    for cells in csv.reader(chain(lines, [END]), delimiter=delimiter):
        if cells and cells[-1].endswith(END):
            break
        yield cells
    if cells != [END]:
        raise csv.Error(_("a quote is not closed, or the file is cut off"))


def _checked(table, file, encoding):
    """Hand on the rows of a CSV file; turn what stops the reader into a sentence."""
    position = 0
    try:
        for position, cells in table:
            yield position, cells
    except LookupError:  # A codec, but not one for text.
        raise JobFailed(_("The encoding “%s” is not one for text. Try utf-8.") % encoding) from None
    except UnicodeError:
        raise _undecodable(file, encoding) from None
    except csv.Error as error:
        values = {"position": position + 1, "error": error}
        raise JobFailed(_("Row %(position)d cannot be read as CSV: %(error)s.") % values) from None


def _undecodable(file, encoding):
    line, byte = _bad_byte(file, codecs.getincrementaldecoder(encoding)())
    values = {"line": line, "byte": byte, "encoding": encoding.upper()}
    return JobFailed(
        _(
            "Line %(line)d is not %(encoding)s: it holds the byte %(byte)s. "
            "Save the file as %(encoding)s, or choose the encoding it has."
        )
        % values
    )


def _bad_byte(file, decoder):
    """Find the line and the byte at which decoding stops."""
    line, chunk = 1, True
    file.seek(0)
    while chunk:
        chunk = file.read(CHUNK)
        try:
            line += decoder.decode(chunk, not chunk).count("\n")
        except UnicodeDecodeError as error:
            held_back = len(error.object) - len(
                chunk
            )  # Bytes the decoder kept from the chunk before.
            before = chunk[: max(0, error.start - held_back)]
            with suppress(UnicodeError):  # Some codecs stop earlier in a part than in the whole.
                line += decoder.decode(before).count("\n")
            return line, f"0x{error.object[error.start]:02X}"
        except UnicodeError:  # A byte order mark is missing.
            break
    return line, "?"


# XLSX


def _xlsx_cells(file, sheet):
    file.seek(0)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(file)
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise JobFailed(
                _("There is no sheet “%(sheet)s”. The file has: %(found)s.")
                % {
                    "sheet": sheet,
                    "found": _bounded(names),
                }
            )
        rows = workbook.get_sheet_by_name(names[0] if sheet is None else sheet).iter_rows()
    except (calamine.CalamineError, IndexError):
        raise damaged() from None
    return ([_text(cell) for cell in row] for row in rows)


def _text(value):
    """Write a value as a person would: 12 for 12.0, 1 and 0 for true and false, dates in ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)
