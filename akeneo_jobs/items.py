"""`ItemStep`: the chunked step, read → process → write."""

from itertools import islice

from akeneo_jobs.exceptions import GiveWay, PauseRequested, StopRequested, TimeLimitReached
from akeneo_jobs.job_type import Step
from akeneo_jobs.plain import length_of

POLITE = (GiveWay, PauseRequested, StopRequested, TimeLimitReached)  # The chunk may be finished.


class ItemStep(Step):
    """A step that takes items one by one and writes them in chunks.

    Each chunk, its counts, its warnings and the checkpoint are committed in one transaction, so a
    restart continues after the last committed chunk.
    """

    chunk_size = 100  # items read for one chunk

    def read(self, context):
        """Return or yield the items; the same in the same order after a restart."""
        raise NotImplementedError(f"{type(self).__name__} must define read(context)")

    def process(self, item, context):
        """Return what is to be written for an item; None to leave it out."""
        return item

    def write(self, items, context):
        """Write a list of processed items."""
        raise NotImplementedError(f"{type(self).__name__} must define write(items, context)")

    def run(self, context):
        chunk = Chunk(self, context)
        items = self.read(context)
        rest = islice(items, chunk.position, None)
        try:
            for item in context.track(rest, total=length_of(items)):
                chunk.add(item)
            chunk.commit()
        except POLITE:
            chunk.commit()
            raise
        except BaseException:
            context.rollback()
            raise


class Chunk:
    """The items that are written together, and where the step stands."""

    def __init__(self, step, context):
        self.step = step
        self.context = context
        self.position = context.checkpoint or 0  # items handled, in this chunk or before
        self.read = 0
        self.results = []

    def add(self, item):
        result = self.step.process(item, self.context)
        if result is not None:
            self.results.append(result)
        self.read += 1
        self.position += 1
        if self.read >= self.step.chunk_size:
            self.commit()

    def commit(self):
        if not self.read:
            return
        with self.context.commit(self.position):
            if self.results:
                self.step.write(self.results, self.context)
        self.read, self.results = 0, []
