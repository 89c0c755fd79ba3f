"""Files as readers need them: to be read twice, and unpacked if they are compressed."""

import gzip
import lzma
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePath

from django.core.files.base import File
from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed

UNPACKED_LIMIT = 4 * 1024**3  # Bytes.
CHUNK = 1024 * 1024
GZIP = b"\x1f\x8b"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")  # The second one is empty.
OFFICE = "[Content_Types].xml"  # In every XLSX, which is a zip too.
DAMAGES = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,  # Compressed in a way that this Python lacks.
    EOFError,
    ValueError,
)


class Readable(File):
    """A file that is true even without a name: `zipfile` takes a false one for a closed one."""

    def __bool__(self):
        return True


def readable(file):
    """Return a file at its start that can be rewound: this one, its copy, or what is packed in it.

    Raises `JobFailed` if it is an archive of none or several files, damaged, or too large.
    """
    if file.closed:
        file.open("rb")
    file = file if file.seekable() else _copied(file)
    file = file if file else Readable(file)
    if starting_bytes(file).startswith(GZIP):
        return _ungzipped(file)
    names = _names_in(file)
    return file if names is None or OFFICE in names else _unzipped(file)


def starting_bytes(file):
    """Return the first bytes, and leave the file at its start."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start


def refuse_archive(file, kind):
    """Refuse what is packed still; `kind` is what should be in the file."""
    if not starting_bytes(file).startswith((*ZIPS, GZIP)):
        return
    if starting_bytes(file).startswith(ZIPS) and _names_in(file) is None:
        raise _damaged()
    raise JobFailed(_("This is an archive, such as XLSX, not %s. Choose another import.") % kind)


def _names_in(file):
    """Return the names of the files in a zip; None for what is no zip, or a damaged one."""
    if not starting_bytes(file).startswith(ZIPS):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (*DAMAGES, OSError):
        return None


def _copied(file):
    copy = tempfile.TemporaryFile()
    shutil.copyfileobj(file, copy)
    return _named(copy, getattr(file, "name", None))


def _ungzipped(file):
    name = getattr(file, "name", None)
    with gzip.GzipFile(fileobj=file) as stream:
        return _unpacked(stream, name.removesuffix(".gz") if isinstance(name, str) else None)


def _unzipped(file):
    with _damages_said(), zipfile.ZipFile(file) as archive:
        entry = _only_entry(archive)
        if entry.flag_bits & 1:
            raise JobFailed(_("The archive has a password. Save it without one."))
        with archive.open(entry) as stream:
            return _unpacked(stream, PurePath(entry.filename).name)


def _only_entry(archive):
    entries = [entry for entry in archive.infolist() if not _is_chaff(entry)]
    if len(entries) != 1:
        raise JobFailed(
            _("The archive must hold one file; this one holds %d. Pack the table alone.")
            % len(entries)
        )
    return entries[0]


def _is_chaff(entry):
    """Say whether an entry is a folder, or what macOS adds to every archive."""
    return entry.is_dir() or entry.filename.startswith("__MACOSX/")


def _unpacked(stream, name):
    copy, size = tempfile.TemporaryFile(), 0
    while chunk := _chunk(stream):
        size += len(chunk)
        if size > UNPACKED_LIMIT:
            raise JobFailed(_("The file is too large when unpacked. Split it."))
        copy.write(chunk)
    copy.seek(0)
    return _named(copy, name)


def _chunk(stream):
    with _damages_said():
        return stream.read(CHUNK)


def _named(file, name):
    return Readable(file, name=name if isinstance(name, str) else "")


@contextmanager
def _damages_said():
    try:
        yield
    except DAMAGES:
        raise _damaged() from None


def _damaged():
    return JobFailed(_("The archive is damaged or cut off. Pack it again, or take it unpacked."))
