"""JSON lines as rows: one object on each line."""

import json

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.compressed import readable, refuse_archive
from akeneo_jobs.io.decoding import Text
from akeneo_jobs.io.lines import Lines
from akeneo_jobs.io.rejects import LINE, RESERVED, ROW, origin_of
from akeneo_jobs.io.rows import POSITION, OddRow, Row
from akeneo_jobs.io.tables import empty_file, require_columns
from akeneo_jobs.io.text_rows import TextRows

NUL = "\\u0000"  # As JSON writes it.


def read_json_lines(file, *, required=()):
    """Open a file of JSON objects, one on each line, as Rows, having checked the first one.

    A later line that is no object, or lacks a required key, is a row with a fault. Raises
    `JobFailed`, when the rows are read too.
    """
    file = readable(file)
    refuse_archive(file, _("JSON lines"))
    rows = JsonLines(file, tuple(required))
    require_columns(required, rows.columns)
    return rows


class JsonLines(TextRows):
    """The objects of a file, with their values as they are."""

    extension = ".jsonl"

    def __init__(self, file, required):
        self._text, self._required = Text(file, None), required
        super().__init__(file, (), [self._text.start, 0, 0])
        self._file = self._text.file
        self.columns = tuple(self._first())

    def _dialect_of(self):
        return {"format": "jsonl"}

    def _emptiness(self):
        return _("The file is empty.")

    def _read(self, start):
        lines, cursor = self._lines(start)
        try:
            for position, line in enumerate(lines, start[POSITION] + 1):
                if lines.is_ended:
                    return
                if not line.strip():
                    cursor.position, cursor.blanks = position, cursor.blanks + 1
                    continue
                row = self._row(line)
                row.position = cursor.position = position
                self._cursor = cursor  # Another iteration may have been here.
                yield row
        except UnicodeError:
            raise self._text.undecodable() from None

    def _filled(self, lines):
        return map(bool, map(str.strip, lines))

    def _first(self):
        """Return the first row; refuse what is no file of JSON lines at all."""
        lines = Lines(self._file, self._text.encoding, self._text.start)
        try:
            line = next(filter(str.strip, lines))
        except UnicodeError:
            raise self._text.undecodable() from None
        if lines.is_ended:
            raise empty_file()
        if not isinstance(_parsed(line), dict):
            raise JobFailed(
                _("The first line is no JSON object. The file must have one object on each line.")
            )
        row = self._row(line)
        return dict.fromkeys(self._required) if LINE in _parsed(line) and row.fault else row

    def _row(self, line):
        value = _parsed(line)
        if isinstance(value, dict) and not self._is_odd(value, line):
            row = Row(value)
            row.cells = line
            return row
        origin, line, value = _unwrapped(line, value)
        row = OddRow(value if isinstance(value, dict) else ())
        row.cells, row.origin, row.fault = line, origin, self._fault(value, line)
        return row

    def _is_odd(self, value, line):
        return not value.keys().isdisjoint(MARKERS) or self._fault(value, line)

    def _fault(self, value, line):
        if value is None:
            return _("The line is no JSON.")
        if not isinstance(value, dict):
            return _("The line is JSON, but no object.")
        if NUL in line and _holds_nul(value):
            return _("The row holds a NUL character.")
        missing = [name for name in self._required if name not in value]
        return _("The row has no “%s”.") % missing[0] if missing else None


def _parsed(text):
    """Return what a line means, None for what is no JSON (and for null)."""
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _unwrapped(line, value):
    """Take out what only a rejects file has: return the origin, the line and its value."""
    if not isinstance(value, dict) or value.keys().isdisjoint(MARKERS):
        return None, line, value
    origin = origin_of(value.get(ROW))
    if isinstance(value.get(LINE), str):
        return origin, value[LINE], _parsed(value[LINE])
    rest = {name: item for name, item in value.items() if name not in RESERVED}
    return origin, json.dumps(rest, ensure_ascii=False), rest


def _no_number(text):
    raise ValueError(text)  # NaN and Infinity are no JSON.


def _holds_nul(value):
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


DECODER = json.JSONDecoder(parse_constant=_no_number)
MARKERS = frozenset((*RESERVED, LINE))
