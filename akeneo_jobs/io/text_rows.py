"""Rows of text files: what CSV and JSON lines have in common."""

from contextlib import suppress
from itertools import islice

from akeneo_jobs.io.lines import Lines
from akeneo_jobs.io.rows import COUNT, POSITION, Cursor, Rows

STRIDE = 1024  # Records from one remembered mark to the next.
MARKS = 2000  # That many are remembered, or half as many.


class TextRows(Rows):
    """Rows of lines; the place in a mark is a byte."""

    errors = (UnicodeError,)  # What stops the reading.

    def _lines(self, start):
        """Return the lines from a mark on, and a cursor on them."""
        lines = Lines(self._file, self._text.encoding, start[0])
        return lines, Cursor(start, lines.offset)

    def _filled(self, lines):
        """Return an iterator that says of each record whether it is a row; False: it is blank."""
        raise NotImplementedError

    def _count(self):
        mark = begin = self._begin
        with suppress(*self.errors):  # The slower reading below makes a sentence of them.
            for mark in self._marks_ahead(begin):
                self._marks.append(mark)
                if len(self._marks) > MARKS:
                    del self._marks[1::2]
        return mark[COUNT] + sum(1 for _row in self._read(mark))

    def _marks_ahead(self, mark):
        """Yield marks as long as there are records; the last of them lie behind the last mark."""
        lines = Lines(self._file, self._text.encoding, mark[0])
        filled = self._filled(lines)
        while flags := bytes(islice(filled, STRIDE)):
            if lines.is_ended:
                break
            position, count = mark[POSITION] + len(flags), mark[COUNT] + flags.count(1)
            mark = [lines.offset(), position, count]
            yield mark
