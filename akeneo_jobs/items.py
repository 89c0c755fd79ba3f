"""`ItemStep`: the chunked step, read → process → write."""

import time
from contextlib import contextmanager
from itertools import islice

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError

from akeneo_jobs.exceptions import (
    GiveWay,
    ItemRefused,
    PauseRequested,
    StopRequested,
    TimeLimitReached,
)
from akeneo_jobs.job_type import Step
from akeneo_jobs.plain import length_of

POLITE = (GiveWay, PauseRequested, StopRequested, TimeLimitReached)  # The chunk may be finished.


class ItemStep(Step):
    """A step that takes items one by one and writes them in chunks.

    Each chunk, its counts, its warnings and the checkpoint are committed in one transaction, so a
    restart continues after the last committed chunk. An item that is refused costs itself only.
    """

    chunk_size = 500  # items read for one chunk
    chunk_seconds = 10.0  # after which a chunk is written though it is not full
    # What costs an item, not the operation, when `process` or `write` raises it.
    skips = (
        ItemRefused,
        ValidationError,
        ValueError,
        ArithmeticError,
        KeyError,
        ObjectDoesNotExist,
        DataError,
        IntegrityError,
    )

    def read(self, context):
        """Return or yield the items; the same in the same order after a restart.

        A source that can continue after a mark, such as a table or a queryset of `akeneo_jobs.io`,
        is not read from its start again.
        """
        raise NotImplementedError(f"{type(self).__name__} must define read(context)")

    def process(self, item, context):
        """Return what is to be written for an item; None to leave it out.

        Raise `ItemRefused`, or another of `skips`, to leave it out with a warning. Called again for
        the items of a chunk that could not be written, so it writes nothing itself.
        """
        return item

    def write(self, items, context):
        """Write a list of processed items, in the transaction of the chunk.

        Where it finds that many are to be left out, `context.refuse(item, error)` costs less than
        an exception: that has the whole chunk written again in halves.
        """
        raise NotImplementedError(f"{type(self).__name__} must define write(items, context)")

    def run(self, context):
        source = self.read(context)
        context.read_from(source)
        context.count("read", 0)  # The first one that people see.
        chunk = Chunk(self, context, source)
        total = length_of(source) if chunk.place.items == 0 else context.step.total
        try:
            for item, mark in context.track(chunk.rest(), total=total):
                chunk.add(item, mark)
            chunk.commit()
        except POLITE:
            chunk.leave()
            raise
        except BaseException:
            context.rollback()
            raise


class Place:
    """Where a step stands: how many items were handled, and the source's mark behind the last."""

    def __init__(self, items=0, mark=None, beyond=0):
        self.items = items  # handled so far
        self.mark = mark  # None where the source has none
        self.beyond = beyond  # items handled behind the mark, of a source that has few marks

    @classmethod
    def of(cls, checkpoint):
        return cls(*checkpoint) if checkpoint else cls()

    def behind(self, taken):
        """Return the place behind some more items, given as pairs of an item and its mark."""
        items = self.items + len(taken)
        for beyond, (_item, mark) in enumerate(reversed(taken)):
            if mark is not None:
                return Place(items, mark, beyond)
        return Place(items, self.mark, self.beyond + len(taken))

    def checkpoint(self):
        return [self.items, self.mark, self.beyond]


class Chunk:
    """The items that are written together, and where the step stands.

    Each item brings the mark that lies right behind it. So a checkpoint tells what was handled,
    however far the source was read.
    """

    def __init__(self, step, context, source):
        self.step = step
        self.context = context
        self.source = source
        self.place = Place.of(context.checkpoint)
        self._begin()

    def rest(self):
        """Yield the items that are left to do, each with the mark that lies right behind it."""
        source, place = self.source, self.place
        items = source if place.mark is None else source.after(place.mark)
        for item in islice(items, place.beyond, None):
            yield item, getattr(source, "mark", None)

    def add(self, item, mark):
        self.is_whole = False
        self._process(item)
        self.taken.append((item, mark))
        self.is_whole = True
        if len(self.taken) >= self.step.chunk_size or time.monotonic() > self.due:
            self.commit()

    def commit(self):
        """Write what was taken; what cannot be written together is written apart."""
        self.is_whole = False
        if self.taken:
            self._write(self.taken)
        self._begin()

    def leave(self):
        """Write what was taken, unless it was in the middle of it: then it is done again."""
        self.commit() if self.is_whole else self.context.rollback()

    def _begin(self):
        self.taken, self.results = [], []
        self.is_whole = True  # Nothing is half processed or half written.
        self.due = time.monotonic() + self.step.chunk_seconds

    def _process(self, item):
        try:
            if fault := getattr(item, "fault", None):
                raise ItemRefused(fault, code="shape")
            result = self.step.process(item, self.context)
        except self.step.skips as error:
            self.context.refuse(item, error)
        else:
            if result is not None:
                self.results.append(result)

    def _write(self, taken):
        """Write the results of some items together, or in halves down to the single item."""
        place = self.place.behind(taken)
        try:
            with self.context.commit(place.checkpoint()):
                with refusing(self.step.skips):
                    if self.results:
                        self.step.write(self.results, self.context)
                self.context.count("read", len(taken))
                self.context.repaired([item for item, _mark in taken])
        except WriteRefused as refusal:
            self._write_apart(taken, refusal.__cause__)
        except IntegrityError as error:  # Of a constraint that is checked at the commit.
            if not self.results or not isinstance(error, self.step.skips):
                raise
            self._write_apart(taken, error)
        else:
            self.place = place

    def _write_apart(self, taken, error):
        """Do some items again that could not be written together."""
        if len(taken) == 1:
            self._leave_out(taken, error)
            return
        middle = len(taken) // 2
        for half in (taken[:middle], taken[middle:]):
            self.results = []
            for item, _mark in half:
                with self.context.again():
                    self._process(item)
            self._write(half)

    def _leave_out(self, taken, error):
        self.results = []
        with self.context.again():
            self.context.refuse(taken[0][0], error)
        self._write(taken)


class WriteRefused(Exception):
    """A chunk cannot be written as it is."""


@contextmanager
def refusing(skips):
    try:
        yield
    except skips as error:
        raise WriteRefused from error
