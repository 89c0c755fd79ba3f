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
CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
DAMAGES = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError)
OVERLAP = 32  # Bytes: a reference may lie across two chunks.


def check_archive(file):
    """Refuse a file that is no sound XLSX, or that would fill the memory."""
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
            _check_entries(archive)
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
    for entry in entries:
        with archive.open(entry) as stream:  # Read to its end: that is what compares the checksum.
            _check_entry(stream)


def _check_entry(stream):
    rows, columns, tail = 1, 1, b""
    while chunk := stream.read(CHUNK):
        for letters, digits in CELL.findall(tail + chunk):
            rows, columns = max(rows, int(digits)), max(columns, _number(letters))
        if rows * columns > AREA_LIMIT:
            raise JobFailed(_("A sheet is too large. Delete stray cells, or import it as CSV."))
        tail = chunk[-OVERLAP:]


def _number(letters):
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
