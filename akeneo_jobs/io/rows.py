"""Rows of a file, and how to begin, continue and divide the reading of them."""

from bisect import bisect_right
from copy import copy
from itertools import islice, pairwise
from pathlib import PurePath

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io.rejects import open_rejects

POSITION, COUNT = 1, 2  # A mark is [place in the file, position of the row, rows up to it].


class Row(dict):
    """One row, column → value, with its place in the file and what is wrong with its shape."""

    __slots__ = ("cells", "position")  # Not more: there are millions of them.

    fault = None  # A sentence.
    origin = None  # In a rejects file: the position that the row had in the file before.

    # position: 1 is the first line under the header; blank lines have a place too.
    # cells: as they stand in the file, those without a column too.


class OddRow(Row):
    """A row that has a fault, an origin, or only might have one."""

    __slots__ = ("fault", "origin")


class Cursor:
    """How far an iteration has come."""

    def __init__(self, start, place):
        _place, self.position, count = start
        self.blanks = self.position - count
        self.place = place  # Returns where the row read last ends.

    def mark(self):
        return [self.place(), self.position, self.position - self.blanks]


class Rows:
    """The rows of a file, which can be read again and again, continued and divided.

    The whole file is read once to its end before `len()` or an iteration from the start, to see
    that it can be read; `after` and the slices do not read what lies before.
    """

    extension = ""  # Of the format, with the dot.

    def __init__(self, file, columns, begin):
        self.columns = columns
        self._file = file
        self._name = getattr(file, "name", None)
        self._begin = begin  # The mark before the first row.
        self._marks = [begin]  # Some, by their count.
        self._length = None
        self._is_part = False
        self._cursor = None  # Of the iteration that yielded last.

    def __len__(self):
        if self._length is None:
            self._length = self._count()
            if not self._length:
                raise JobFailed(self._emptiness())
        return self._length

    def __iter__(self):
        len(self)  # Nothing is yielded of a file that cannot be read to its end.
        return self.after(None)

    @property
    def mark(self):
        """Where the row yielded last ends, a small JSON value; None before the first one.

        It is cheap enough to be kept beside each row.
        """
        return self._cursor and self._cursor.mark()

    def after(self, mark):
        """Return an iterator over the rows behind a mark, without reading what lies before."""
        start = mark or self._begin
        rows = self._read(start)
        if self._is_part:
            return islice(rows, max(0, self._begin[COUNT] + self._length - start[COUNT]))
        return rows

    def slices(self, count):
        """Return at most `count` JSON values that divide the rows into parts of equal size."""
        total = len(self)
        starts = sorted({number * total // count for number in range(count)})
        marks = self._marks_before(start + self._begin[COUNT] for start in starts)
        sizes = (end - start for start, end in pairwise([*starts, total]))
        return [[mark, size] for mark, size in zip(marks, sizes, strict=True)]

    def slice(self, value):
        """Return the rows of one such part; of None, all rows."""
        if value is None:
            return self
        begin, length = value
        part = copy(self)
        part._begin, part._length = begin, length
        part._marks, part._is_part, part._cursor = [begin], True, None
        return part

    @property
    def rejects_format(self):
        """How `open_rejects` writes a file of rows that were refused, as JSON."""
        return {"name": self.rejects_name, "columns": list(self.columns), **self._dialect_of()}

    def rejects_writer(self, stream):
        """Return a writer of refused rows, in the format that they were read in."""
        return open_rejects(stream, self.rejects_format)

    def _dialect_of(self):
        """Return the format that the rows came in, for `open_rejects`."""
        raise NotImplementedError

    @property
    def rejects_name(self):
        """The name for a file of the rows that were refused."""
        name = getattr(self._file, "name", None)
        stem = PurePath(name).stem if isinstance(name, str) else ""
        return f"{stem}-rejects{self.extension}" if stem else f"rejects{self.extension}"

    def _read(self, start):
        """Yield the rows behind a mark, and keep a cursor."""
        raise NotImplementedError

    def _count(self):
        """Return the number of rows, having seen that they can be read; remember some marks."""
        raise NotImplementedError

    def _emptiness(self):
        return _("The file has a header but no rows.")

    def _marks_before(self, counts):
        """Yield the marks that so many rows lie before; the numbers ascend."""
        walker, mark = copy(self), self._begin
        for count in counts:
            nearest = self._marks[bisect_right(self._marks, count, key=lambda m: m[COUNT]) - 1]
            mark = max(mark, nearest, key=lambda m: m[COUNT])
            if mark[COUNT] < count:
                for _row in islice(walker._read(mark), count - mark[COUNT]):
                    pass
                mark = walker.mark
            yield mark
