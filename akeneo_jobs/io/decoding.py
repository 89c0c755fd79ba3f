"""Text in any encoding, and what to say of bytes that are none."""

import codecs
import io
import shutil
import sys
import tempfile
from contextlib import suppress

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed

try:
    import charset_normalizer
except ImportError:  # It makes better guesses, no more.
    charset_normalizer = None

CHUNK = 64 * 1024  # Bytes, or characters.
MARKS = {  # Byte order marks; the longer ones begin as the shorter ones do.
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SIMPLE = ("ascii", "iso8859-1")
ASCII = bytes(range(128))


class Text:
    """A file and its encoding; a copy in UTF-8 where bytes could not be told from characters.

    Without an encoding the byte order mark names it; else it is UTF-8. Raises `JobFailed`.
    """

    def __init__(self, file, encoding):
        self.original = self.file = file
        marked = _marked_encoding(file)
        self.name = encoding or marked or "utf-8"
        _check_encoding(self.name)
        self.encoding, self.start = codecs.lookup(self.name).name.removesuffix("-sig"), 0
        if self.encoding == "utf-8":
            self.start = len(codecs.BOM_UTF8) if marked == "utf-8" else 0
        elif not _is_bytewise(self.encoding):
            self.file, self.encoding = self._utf8_copy(), "utf-8"

    @property
    def same_encoding(self):
        """The encoding for another file that begins as this one does."""
        return "utf-8-sig" if self.start else self.name

    def undecodable(self):
        """Return the refusal of bytes that the encoding does not have."""
        line, byte, sample = _bad_byte(self.original, codecs.getincrementaldecoder(self.name)())
        values = {"line": line, "byte": byte, "encoding": self.name.upper()}
        sentence = (
            _(
                "Line %(line)d is not %(encoding)s: it holds the byte %(byte)s. "
                "Save the file as %(encoding)s, or choose the encoding it has."
            )
            % values
        )
        if guess := guessed_encoding(sample):
            hint = _("It looks like %s.") % guess
            sentence = f"{sentence} {hint}"
        return JobFailed(sentence)

    def _utf8_copy(self):
        self.original.seek(0)
        text = io.TextIOWrapper(self.original, self.name, newline="")
        copy = tempfile.TemporaryFile()
        target = io.TextIOWrapper(copy, "utf-8", newline="")
        try:
            start = text.read(1)
            target.write(start.removeprefix("\ufeff"))
            shutil.copyfileobj(text, target, CHUNK)
            target.flush()
        except UnicodeError:
            raise self.undecodable() from None
        finally:
            with suppress(ValueError):  # The file has been closed meanwhile.
                text.detach()
            target.detach()
        return copy


def guessed_encoding(sample):
    """Return the encoding that some bytes look like, for a message; None if like none."""
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding.upper()
    with suppress(UnicodeError):
        letters = [character for character in sample.decode("cp1252") if character.isalpha()]
        if sum(character > "\x7f" for character in letters) * 3 < len(letters):
            return "CP1252"  # Some accents among plain letters.
    best = charset_normalizer and charset_normalizer.from_bytes(sample).best()
    return best.encoding.upper() if best else None


def _marked_encoding(file):
    file.seek(0)
    start = file.read(4)
    return next((name for mark, name in MARKS.items() if start.startswith(mark)), None)


def _check_encoding(encoding):
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise JobFailed(_("The encoding “%s” is not known. Try utf-8.") % encoding) from None
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)
    except LookupError:  # A codec, but not one for text.
        raise JobFailed(_("The encoding “%s” is not one for text. Try utf-8.") % encoding) from None


def _is_bytewise(encoding):
    """Say whether each byte is a character, and the first 128 are those of ASCII."""
    if encoding in SIMPLE:
        return True
    codec = sys.modules[codecs.lookup(encoding).incrementaldecoder.__module__]
    has_table = hasattr(codec, "decoding_table")  # Of 256 characters.
    return has_table and ASCII.decode(encoding, "replace") == ASCII.decode()


def _bad_byte(file, decoder):
    """Find the line and the byte at which decoding stops, and the bytes around it."""
    line, chunk = 1, True
    file.seek(0)
    while chunk:
        chunk = file.read(CHUNK)
        try:
            line += decoder.decode(chunk, not chunk).count("\n")
        except UnicodeDecodeError as error:
            # Some bytes the decoder kept from the chunk before.
            held_back = len(error.object) - len(chunk)
            before = chunk[: max(0, error.start - held_back)]
            with suppress(UnicodeError):  # Some codecs stop earlier in a part than in the whole.
                line += decoder.decode(before).count("\n")
            sample = _lines_around(error.object, error.start)
            return line, f"0x{error.object[error.start]:02X}", sample
        except UnicodeError:  # A byte order mark is missing.
            break
    return line, "?", b""


def _lines_around(content, index):
    """Return the line of a bad byte, and what follows it."""
    return content[content.rfind(b"\n", 0, index) + 1 : index + CHUNK]
