"""CSV files as rows of text."""

import csv
from itertools import islice, takewhile

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.compressed import readable, refuse_archive
from akeneo_jobs.io.decoding import Text
from akeneo_jobs.io.delimiters import found_delimiter
from akeneo_jobs.io.lines import END, Lines
from akeneo_jobs.io.tables import Header, Table, empty_file, require_columns
from akeneo_jobs.io.text_rows import TextRows

CELL_LIMIT = 64 * 1024 * 1024  # Characters in one cell.
SAMPLE = 300  # Lines in which the delimiter is looked for.


def read_csv(file, *, delimiter=",", quote='"', encoding="utf-8", required=()):
    """Open a CSV file as Rows, having checked its header.

    delimiter: None finds it among , ; tab and |. quote: "" if there is none. encoding: None takes
    the byte order mark's, else UTF-8. Raises `JobFailed`, when the rows are read too.
    """
    file = readable(file)
    refuse_archive(file, "CSV")
    text = Text(file, encoding)
    dialect = _dialect("," if delimiter is None else delimiter, quote)
    if delimiter is None:
        dialect["delimiter"] = found_delimiter(_sample(text), dialect, required)
    rows = CsvRows(file, text, dialect)
    hint = _("Is “%s” the right delimiter?") % dialect["delimiter"]
    require_columns(required, rows.columns, hint=hint)
    return rows


class CsvRows(TextRows, Table):
    """The rows of a CSV file."""

    extension = ".csv"
    errors = (UnicodeError, csv.Error)

    def __init__(self, file, text, dialect):
        csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
        self._text, self._dialect = text, dialect
        header, end = self._read_header()
        super().__init__(file, header, [end, 0, 0])
        self._file = text.file

    def _dialect_of(self):
        return {
            "format": "csv",
            "dialect": self._dialect,
            "encoding": self._text.same_encoding,
        }

    def _read(self, start):
        lines, cursor = self._lines(start)
        return self._rows_of(csv.reader(lines, **self._dialect), lines, cursor)

    def _filled(self, lines):
        return map(any, csv.reader(lines, **self._dialect))

    def _read_header(self):
        """Return the header and the byte at which it ends."""
        lines = Lines(self._text.file, self._text.encoding, self._text.start)
        try:
            cells = next(filter(any, csv.reader(lines, **self._dialect)))
            if lines.is_ended:
                self._check_end(cells, 1)
                raise empty_file()
        except self.errors as error:
            raise self._refusal(error, 1) from None
        return Header(cells), lines.offset()

    def _check_end(self, cells, position):
        if cells != [END]:
            error = _("a quote is not closed, or the file is cut off")
            raise self._refusal(error, position)

    def _refusal(self, error, position):
        if isinstance(error, UnicodeError):
            return self._text.undecodable()
        values = {"position": position, "error": error}
        return JobFailed(_("Row %(position)d cannot be read as CSV: %(error)s.") % values)


def _sample(text):
    """Return the first lines."""
    lines = Lines(text.file, text.encoding, text.start)
    try:
        return list(takewhile(END.__ne__, islice(lines, SAMPLE)))
    except UnicodeError:
        raise text.undecodable() from None


def _dialect(delimiter, quote):
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise JobFailed(_("The delimiter must be one character, such as a comma."))
    if quote == "":
        return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}
    if len(quote) != 1 or quote in "\r\n\0" or quote == delimiter:
        raise JobFailed(_("The quote must be one character, and not the delimiter."))
    return {"delimiter": delimiter, "quotechar": quote}
