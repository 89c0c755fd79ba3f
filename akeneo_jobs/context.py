"""`StepContext`: what a step's code holds while it runs."""

from contextlib import contextmanager
from operator import length_hint

from django.db import models, transaction

from akeneo_jobs.files import OutputFile
from akeneo_jobs.models import JobFile, StepWarning

TEXT_LIMIT = 1000  # characters of one value of a warning's item
KEY_LIMIT = 100  # values of a warning's item


class StepContext:
    """Parameters in; progress, counts, warnings, files and log lines out."""

    def __init__(self, execution, step, parameters, beat, log):
        self.execution = execution
        self.step = step
        self.parameters = parameters
        self.user = execution.user
        self.log = log
        self._beat = beat
        self._tally = beat.tally
        self._is_tracking = False
        self._outputs = []

    def track(self, iterable, total=None):
        """Yield the items of an iterable, counting them; ends here when somebody stops the job.

        `total` is the number of items; where it is None, the iterable's own length if it has one.
        """
        tally = self._tally
        tally.total = length_of(iterable) if total is None else total
        self._is_tracking = True
        for item in iterable:
            if tally.order:
                raise tally.order
            tally.processed += 1
            yield item
        self._is_tracking = False
        if tally.order:
            raise tally.order

    def count(self, name, by=1):
        """Add to one of the step's counts, such as "created"."""
        counts = self._tally.counts
        counts[name] = counts.get(name, 0) + by

    def warn(self, reason, *, item=None, position=None, field=None, code=None):
        """Record an item that went wrong; the operation goes on.

        `item` is a dict or a model instance; `position` counts from 1 and is that of the item in
        hand where it is None.
        """
        self._tally.warnings.add(
            StepWarning(
                step=self.step,
                reason=_clean(reason),
                code=str(code or "")[:100],
                position=self._position() if position is None else position,
                field=str(field or "")[:255],
                **_describe(item),
            )
        )

    def open_input(self, name):
        """Open the file that was given for a parameter, for reading bytes.

        Raises `FileNotFoundError` where none was given.
        """
        stored = self.execution.files.filter(role=JobFile.Role.INPUT, parameter=name).first()
        if stored is None:
            raise FileNotFoundError(name)
        return stored.file.open("rb")

    def open_output(self, name):
        """Open a new file that the report offers once it is closed; takes bytes or text.

        It is a context manager; an exception inside leaves no file behind.
        """
        output = OutputFile(self.execution, name, self._beat.fence)
        self._outputs.append(output)
        return output

    @property
    def checkpoint(self):
        """What a restart continues from; any JSON value, None at the first start."""
        return self.step.checkpoint

    @checkpoint.setter
    def checkpoint(self, value):
        with self.commit(value):
            """Nothing but the checkpoint is written."""

    @contextmanager
    def commit(self, checkpoint):
        """Write a checkpoint together with what the block writes: all of it, or nothing.

        Counts and warnings go with it. An exception rolls back, and takes back what was counted
        since the last checkpoint. Holds for rows on the database of the executions.
        """
        try:
            with transaction.atomic(using=self._beat.database):
                yield
                self._beat.save_step(self.step, checkpoint=checkpoint)
        except BaseException:
            self.rollback()
            raise
        self._tally.warnings.mark()

    def rollback(self):
        """Take back what was counted and warned since the last checkpoint."""
        self._tally.is_torn = True  # It stays so where the database is away.
        self.step.refresh_from_db()
        self._tally.processed = self.step.processed
        self._tally.counts = dict(self.step.counts)
        self._tally.warnings.rollback(self.step)
        self._tally.is_torn = False

    def close_outputs(self, keep):
        """Offer the files that the step left open, or throw them away."""
        for output in self._outputs:
            output.close() if keep else output.discard()

    def _position(self):
        return self._tally.processed if self._is_tracking else None


def length_of(iterable):
    """Return how many items an iterable says it has, or None."""
    length = length_hint(iterable, -1)
    return None if length < 0 else length


def _describe(item):
    """Reduce an item to what the report can show and open."""
    if item is None:
        return {}
    if isinstance(item, models.Model):
        url = item.get_absolute_url() if hasattr(item, "get_absolute_url") else ""
        return {
            "item": {"type": item._meta.label, "id": str(item.pk)},
            "item_label": _clean(item)[:255],
            "item_url": url[:500],
        }
    if not isinstance(item, dict):
        return {"item": {"value": _short(item)}, "item_label": _clean(item)[:255]}
    shown = list(item.items())[:KEY_LIMIT]
    return {"item": {_short(key): _short(value) for key, value in shown}}


def _short(value):
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = _clean(value)
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "…"


def _clean(value):
    """Return text that every database takes: PostgreSQL refuses the NUL character."""
    return str(value).replace("\0", "�")
