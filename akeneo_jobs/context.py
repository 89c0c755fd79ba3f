"""`StepContext`: what a step's code holds while it runs."""

import operator
from contextlib import contextmanager

from django.db import models, transaction

from akeneo_jobs.exceptions import refusal_of
from akeneo_jobs.files import OutputFile
from akeneo_jobs.models import JobFile
from akeneo_jobs.plain import clean_text, length_of, short_value, whole_number
from akeneo_jobs.rejects import take_repaired
from akeneo_jobs.step_warnings import Warned

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
        self._refused = set()  # origins of rows, in a repair

    def track(self, iterable, total=None):
        """Yield the items of an iterable, counting them; ends here when somebody stops the job.

        An order is seen before the next item is taken: what was taken was handed out, so a mark
        of the iterable never lies behind an item that nobody has handled. `total` is the number of
        items; where it is None, the iterable's own length, if it has one, is still to be done.
        """
        beat, tally = self._beat, self._tally
        tally.total = self._expected(iterable) if total is None else whole_number(total, "total")
        self._is_tracking = True
        try:
            if beat.asked:
                raise beat.asked
            for item in iterable:
                tally.processed += 1
                yield item
                if beat.asked:
                    raise beat.asked
        finally:
            self._is_tracking = False
        if tally.total is None:  # Nobody knew it before.
            tally.total = tally.processed

    def count(self, name, by=1):
        """Add to one of the step's counts, such as "created"."""
        counts = self._tally.counts
        if name not in counts:
            name = clean_text(name)
        counts[name] = counts.get(name, 0) + operator.index(by)

    def warn(self, reason, *, item=None, position=None, field=None, code=None):
        """Record an item that went wrong; the operation goes on.

        `item` is a dict or a model instance; `position` counts from 1 and is that of the item in
        hand where it is None.
        """
        self._tally.warnings.add(
            Warned(
                reason=clean_text(reason),
                code=clean_text(code or "")[:100],
                position=self._position(position),
                field=clean_text(field or "")[:255],
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

        It is a context manager; an exception inside leaves no file behind. What the parts of a
        step write to files of the same name is joined in their order.
        """
        output = OutputFile(self.execution, name, self._beat.fence, part=self.step.piece("output"))
        self._outputs.append(output)
        return output

    def refuse(self, item, error):
        """Leave an item out: a warning, one more that is skipped, and a line among the rejects.

        `error` is an exception or a text; a `ValidationError` and an `ItemRefused` tell fields.
        """
        reason, field, code = refusal_of(error)
        position = getattr(item, "position", None)
        self.count("skipped")
        self.warn(reason, item=item, position=position, field=field, code=code)
        if hasattr(item, "cells"):
            self._refused.add(item.origin)
            number = item.origin if self.execution.is_repair else position
            line = f"{field}: {reason}" if field else reason
            self._tally.warnings.reject(number, line, item.cells)

    def read_from(self, source):
        """Tell where the items come from, so that those refused can be handed back in its format.

        An `ItemStep` does it by itself with what `read` returns.
        """
        rejects_format = getattr(source, "rejects_format", None)
        if rejects_format is not None and rejects_format != self.step.rejects_format:
            self.step.rejects_format = rejects_format
            if not self.is_dry_run:
                self._beat.save_step(self.step, rejects_format=rejects_format)

    def repaired(self, items):
        """Tell which rows were handled: what a repair did not refuse is no reject any more."""
        if self.execution.is_repair:
            numbers = {getattr(item, "origin", None) for item in items} - {None}
            take_repaired(self.execution, numbers - self._refused)

    @contextmanager
    def again(self):
        """Count an item that is taken once more; it is the one in hand meanwhile."""
        self._tally.processed += 1
        was_tracking, self._is_tracking = self._is_tracking, True
        try:
            yield
        finally:
            self._is_tracking = was_tracking

    def preview(self, outcome, label, changes=None):
        """Show what a dry run would do to an item; only so many are kept of each outcome.

        `outcome` is the name of a count, such as "created"; `changes` maps a field to a pair of
        its old and its new value.
        """
        if self.is_dry_run:
            self._tally.preview.add(outcome, label, changes or {})

    @property
    def is_dry_run(self):
        """Say whether all that is written will be rolled back."""
        return self.execution.is_dry_run

    @property
    def slice(self):
        """What a part of a step has to do, as `split` returned it; None for a whole step."""
        return self.step.slice

    @property
    def part(self):
        """The number of the part, from 1; 0 for a whole step."""
        return self.step.part

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
        since the last checkpoint. Holds for rows on the database of the executions. While a file
        is open for writing, a restart begins anew: what a dead process wrote to it is lost.
        """
        was_tracking = self._is_tracking
        try:
            self._is_tracking = False  # What is written is more than one item.
            with transaction.atomic(using=self._beat.database):
                yield
                if any(not output.closed for output in self._outputs):
                    checkpoint = None
                self._beat.save_chunk(self.step, checkpoint)
        except BaseException:
            self.rollback()
            raise
        finally:
            self._is_tracking = was_tracking
        self._refused.clear()
        self._tally.mark()

    def rollback(self):
        """Take back what was counted and warned since the last checkpoint."""
        self._refused.clear()
        self._tally.is_torn = True  # It stays so where the database is away.
        self._tally.rollback(self.step)
        self._tally.is_torn = False

    def close_outputs(self, keep):
        """Offer the files that the step left open, or throw them away."""
        for output in self._outputs:
            output.close() if keep else output.discard()

    def _expected(self, iterable):
        length = length_of(iterable)
        return None if length is None else self._tally.processed + length

    def _position(self, given):
        if given is not None:
            return whole_number(given, "position")
        return self._tally.processed if self._is_tracking else None


def _describe(item):
    """Reduce an item to what the report can show and open."""
    if item is None:
        return {}
    if isinstance(item, models.Model):
        url = item.get_absolute_url() if hasattr(item, "get_absolute_url") else ""
        return {
            "item": {"type": item._meta.label, "id": str(item.pk)},
            "item_label": clean_text(item)[:255],
            "item_url": url[:500],
        }
    if not isinstance(item, dict):
        return {"item": {"value": short_value(item)}, "item_label": clean_text(item)[:255]}
    shown = list(item.items())[:KEY_LIMIT]
    return {"item": {short_value(key): short_value(value) for key, value in shown}}
