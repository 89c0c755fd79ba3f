"""The steps of an execution, and the items that went wrong in them."""

from collections import Counter

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from akeneo_jobs.job_type import in_words
from akeneo_jobs.models.executions import JobExecution
from akeneo_jobs.progress import Progress, seconds_since
from akeneo_jobs.statuses import RUNNING, Status, level_of


class StepExecutionQuerySet(models.QuerySet):
    def parts_of(self, step):
        """The parts that a step is split into, in their order."""
        return self.filter(execution=step.execution_id, position=step.position, part__gt=0)

    def release(self):
        """Take parts from the processes that run them; those can write nothing any more."""
        return self.filter(part__gt=0, status=Status.STARTED).update(
            status=Status.STARTING, attempt=models.F("attempt") + 1
        )

    def numbers(self):
        """Return the sum of the parts' numbers, as a step keeps them; their total as expected."""
        rows = list(self.values_list("processed", "total", "counts", "warning_count"))
        counts = sum((Counter(row[2]) for row in rows), Counter())
        return {
            "processed": sum(row[0] for row in rows),
            "total": _expected([row[1] for row in rows]),
            "counts": dict(counts),
            "warning_count": sum(row[3] for row in rows),
        }


class StepExecution(models.Model):
    """One step of an execution, or one part of a step that runs in several processes at once."""

    execution = models.ForeignKey(JobExecution, on_delete=models.CASCADE, related_name="all_steps")
    position = models.PositiveIntegerField()  # 1 is the first
    part = models.PositiveIntegerField(default=0)  # 0: the step itself; 1 is its first part
    name = models.CharField(max_length=100)
    label = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.STARTING)
    processed = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    warning_count = models.PositiveBigIntegerField(default=0)
    error_count = models.PositiveBigIntegerField(default=0)
    checkpoint = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    # What a dry run would create and change; dicts of "outcome", "label" and "changes".
    preview = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    # How a file of its rejects is written; None where its items come from no file.
    rejects_format = models.JSONField(null=True, blank=True)
    # Of a part: which items are its own, who has it, and why it failed.
    slice = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    attempt = models.PositiveIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    failure = models.JSONField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StepExecutionQuerySet.as_manager()

    parts = ()  # Those that it is split into, as `JobExecution.steps_now` finds them.

    class Meta:
        ordering = ["position", "part"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "position", "part"], name="akj_step_position"
            )
        ]

    def __str__(self):
        return self.label or in_words(self.name)

    @property
    def level(self):
        return level_of(self.status, self.warning_count, self.error_count)

    def take_numbers_of(self, execution, warnings_of_others=0):
        """Take the numbers that the beat keeps on the execution's row while a step runs."""
        self.processed, self.total = execution.processed, execution.total
        self.counts = execution.counts
        self.warning_count = max(0, execution.warning_count - warnings_of_others)

    take_numbers_of.alters_data = True

    @property
    def written_warnings(self):
        """How many warnings of its own are written, as rows or as a number."""
        return self.warning_groups.aggregate(sum=models.Sum("count"))["sum"] or 0

    def joined_numbers(self):
        """Return the sum of its parts' numbers and of what it counted before it was split."""
        numbers = type(self).objects.parts_of(self).numbers()
        counts = Counter(self.checkpoint["counts"]) + Counter(numbers["counts"])
        warned = numbers["warning_count"] + self.written_warnings
        return numbers | {"counts": dict(counts), "warning_count": warned}

    def piece(self, kind):
        """Return what a file of a part is kept under, in the order of parts; "" of a whole step."""
        return f"{kind}:{self.position}:{self.part:06}" if self.part else ""

    def begin_anew(self):
        """Forget what it has counted and refused."""
        self.processed, self.counts, self.warning_count = 0, {}, 0
        self.warnings.all().delete()
        self.warning_groups.all().delete()
        self.rejects.all().delete()
        self.save()

    begin_anew.alters_data = True

    @property
    def issue_count(self):
        return self.warning_count + self.error_count

    @property
    def is_waiting(self):
        return self.status == Status.STARTING

    @property
    def parts_done(self):
        """How many of its `parts` are completed."""
        return sum(part.status == Status.COMPLETED for part in self.parts)

    @property
    def progress(self):
        return Progress(
            processed=self.processed,
            total=self.total,
            elapsed=seconds_since(self.started_at),
            is_done=self.status == Status.COMPLETED,
            is_running=self.status in RUNNING,
        )


def _expected(totals):
    """Add up totals; a part that has not begun is expected to be like the others."""
    known = [total for total in totals if total is not None]
    return sum(known) * len(totals) // len(known) if known else None


class WarningGroup(models.Model):
    """All warnings of a step that have the same cause: exact counts, however many there are."""

    step = models.ForeignKey(StepExecution, on_delete=models.CASCADE, related_name="warning_groups")
    key = models.CharField(max_length=40)  # identifies the cause within the step
    cause = models.TextField()  # the reason, with "…" for what differs from item to item
    code = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=255, blank=True)
    count = models.PositiveBigIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)  # warnings of this group that have a row
    first_position = models.PositiveBigIntegerField(null=True, blank=True)
    last_position = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-count", "pk"]
        verbose_name = _("cause of warnings")
        verbose_name_plural = _("causes of warnings")
        constraints = [
            models.UniqueConstraint(fields=["step", "key"], name="akj_warning_group_key")
        ]

    def __str__(self):
        return self.cause


class RejectedRows(models.Model):
    """Rows of a file that were refused together, as they were read: what is left to be repaired."""

    step = models.ForeignKey(StepExecution, on_delete=models.CASCADE, related_name="rejects")
    first_row = models.PositiveBigIntegerField()  # 1 is the first row of the file
    last_row = models.PositiveBigIntegerField()
    count = models.PositiveIntegerField()
    data = models.BinaryField()  # Compressed JSON: lists of row, reasons and cells.

    class Meta:
        ordering = ["first_row", "pk"]
        verbose_name = _("rejected rows")
        verbose_name_plural = _("rejected rows")

    def __str__(self):
        return f"{self.first_row}–{self.last_row}"


class StepWarning(models.Model):
    """One item that went wrong. Only so many are kept; the groups count them all."""

    step = models.ForeignKey(StepExecution, on_delete=models.CASCADE, related_name="warnings")
    group = models.CharField(max_length=40, blank=True)  # the key of its WarningGroup
    reason = models.TextField()
    code = models.CharField(max_length=100, blank=True)
    position = models.PositiveBigIntegerField(null=True, blank=True)  # 1 is the first item
    field = models.CharField(max_length=255, blank=True)
    item = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    item_label = models.CharField(max_length=255, blank=True)
    item_url = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")

    def __str__(self):
        return self.reason
