"""`ItemStep`: the chunked step, read → process → write."""

from django.db import transaction

from akeneo_jobs.job_type import Step


class ItemStep(Step):
    """A step that takes items one by one and writes them in chunks.

    Each chunk is written in one transaction.
    """

    chunk_size = 100  # items written together

    def read(self, context):
        """Return or yield the items."""
        raise NotImplementedError(f"{type(self).__name__} must define read(context)")

    def process(self, item, context):
        """Return what is to be written for an item; None to leave it out."""
        return item

    def write(self, items, context):
        """Write a list of processed items."""
        raise NotImplementedError(f"{type(self).__name__} must define write(items, context)")

    def run(self, context):
        chunk = []
        for item in context.track(self.read(context)):
            result = self.process(item, context)
            if result is not None:
                chunk.append(result)
            if len(chunk) >= self.chunk_size:
                self._write_chunk(chunk, context)
                chunk = []
        if chunk:
            self._write_chunk(chunk, context)

    def _write_chunk(self, chunk, context):
        with transaction.atomic():
            self.write(chunk, context)
