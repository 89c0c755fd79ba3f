"""Look into an XLSX file before it is unpacked: it is a zip, and zips lie."""

import re
import zipfile
import zlib

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed

SIZE_LIMIT = 1024**3  # Bytes, unpacked.
AREA_LIMIT = 20_000_000  # Rows × columns of one sheet: it is held in memory as a rectangle.
CHUNK = 1024 * 1024
OLE = bytes.fromhex("D0CF11E0")  # How an encrypted workbook and an old .xls begin.
# A reference behind column S or row 999,999; without one the rectangle is within the limit.
FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Z]{2}|[T-Z]|[A-Z]{1,3}[0-9]{7})""")
# Cells and rows without a reference: they follow what comes before them.
BARE = re.compile(rb"<c(?! r=)(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>")
BARE_ROW = re.compile(rb"<row(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>")
NUL = b"_x0000_"  # As a workbook writes it.
ROW = re.compile(rb"""<row[^>]*?\sr\s*=\s*["']([0-9]{1,7})["']""")
CELL = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
DAMAGES = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError)
OVERLAP = 64  # Bytes: a reference may lie across two chunks.


def check_archive(file):
    """Refuse a file that is no sound XLSX, or that would fill the memory.

    Returns whether it may hold a NUL character.
    """
    file.seek(0)
    start = file.read(4)
    if not start:
        raise JobFailed(_("The file is empty."))
    if start == OLE:
        raise JobFailed(
            _("The file is an old .xls or has a password. Save it as XLSX without one.")
        )
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return _check_entries(archive)
    except RuntimeError:  # An encrypted entry.
        raise JobFailed(_("The file has a password. Save it without one.")) from None
    except DAMAGES:
        raise damaged() from None


def damaged():
    """Return the refusal of what does not open."""
    return JobFailed(_("The file is no XLSX workbook, or it is damaged. Save it again as XLSX."))


def _check_entries(archive):
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > SIZE_LIMIT:
        raise JobFailed(
            _("The workbook is too large when unpacked. Split it, or import it as CSV.")
        )
    return max([_check_entry(archive, entry) for entry in entries], default=False)  # All of them.


def _check_entry(archive, entry):
    """Read an entry to its end, which compares the checksum; measure it if it might be large."""
    is_far = is_bare = has_nul = False
    for chunk in _chunks(archive, entry):
        is_far = is_far or FAR.search(chunk)
        is_bare = is_bare or BARE.search(chunk)
        has_nul = has_nul or NUL in chunk
    if is_far or is_bare:
        _measure(_chunks(archive, entry), is_bare)
    return bool(has_nul)


def _measure(chunks, is_bare):
    """Refuse a sheet whose rectangle is too large."""
    rows = columns = 1
    bare_rows = bare_columns = carried = 0
    for chunk in chunks:
        for letters, digits in CELL.findall(chunk):
            rows, columns = max(rows, int(digits)), max(columns, _number(letters))
        if is_bare:
            rows = max([rows, *map(int, ROW.findall(chunk))])
            bare_rows += len(BARE_ROW.findall(chunk))
            counts = [len(BARE.findall(part)) for part in chunk.split(b"<row")]
            counts[0] += carried  # A row may lie across chunks.
            carried, bare_columns = counts[-1], max(bare_columns, *counts)
        if (rows + bare_rows) * (columns + bare_columns) > AREA_LIMIT:
            raise JobFailed(_("A sheet is too large. Delete stray cells, or import it as CSV."))


def _chunks(archive, entry):
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            yield tail + chunk
            tail = chunk[-OVERLAP:]


def _number(letters):
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
