"""Files of refused rows: each as it stood, with its place and the reasons in front."""

import csv
import io
import json

from akeneo_jobs.io.writers import Writer, XlsxWriter

ROW, REASONS, LINE = "#row", "#reasons", "#line"
RESERVED = (ROW, REASONS)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # How a text begins that spreadsheets calculate.
LONGEST = 18  # Digits of a row's number.


def origin_of(text):
    """Return the number of a row in the file that it was refused from; None if it is none."""
    text = str(text).strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST
    return int(text) if is_number else None


def open_rejects(stream, rejects_format):
    """Return a writer of refused rows to a binary stream, in a format that `Rows` have named."""
    kind, columns = rejects_format["format"], rejects_format["columns"]
    if kind == "csv":
        dialect, encoding = rejects_format["dialect"], rejects_format["encoding"]
        return CsvRejects(stream, columns, dialect, encoding)
    return XlsxRejects(stream, columns) if kind == "xlsx" else JsonLinesRejects(stream)


class CsvRejects(Writer):
    """Write refused rows as CSV, in the dialect and the encoding of the rows."""

    def __init__(self, stream, columns, dialect, encoding):
        # A reason may have characters that the encoding lacks; the cells came in it.
        self._text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        escapes = {"escapechar": "\\"} if "quotechar" not in dialect else {}
        self._csv = csv.writer(self._text, **dialect, **escapes)
        self._csv.writerow([ROW, REASONS, *columns])

    def write_reject(self, row_number, reasons, cells):
        """Add the cells of a row as they were; `reasons` is a text or several."""
        self._csv.writerow([row_number, safe_reasons(reasons), *cells])

    def flush(self):
        self._text.flush()

    def close(self):
        self._text.detach()

    abandon = close


class XlsxRejects(XlsxWriter):
    """Write refused rows as XLSX."""

    def __init__(self, stream, columns):
        super().__init__(stream, [ROW, REASONS, *columns])

    def write_reject(self, row_number, reasons, cells):
        """Add the cells of a row as they were; `reasons` is a text or several."""
        self.write_cells([row_number, safe_reasons(reasons), *cells])


class JsonLinesRejects(Writer):
    """Write refused lines as JSON lines.

    A line that is no object stands in an object of its own, under “#line”; there it can be
    corrected, and is read again from there.
    """

    def __init__(self, stream):
        self._stream = stream

    def write_reject(self, row_number, reasons, cells):
        """Add a line, whose text `cells` is; `reasons` is a text or several."""
        head = json.dumps({ROW: row_number, REASONS: joined(reasons)}, ensure_ascii=False)
        line = cells.strip()
        if not is_object(line):
            line = json.dumps({LINE: line}, ensure_ascii=False)
        rest = line[1:].lstrip()  # The text itself: numbers keep their digits.
        glue = "" if rest == "}" else ", "
        text = f"{head[:-1]}{glue}{rest}\n"
        self._stream.write(text.encode("utf-8", "replace"))


def is_object(text):
    """Say whether a text is one JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def safe_reasons(reasons):
    """Join reasons to a text that no spreadsheet takes for a formula."""
    text = joined(reasons)
    return f"'{text}" if text.startswith(FORMULAS) else text


def joined(reasons):
    return reasons if isinstance(reasons, str) else " ".join(map(str, reasons))
