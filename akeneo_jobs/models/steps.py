"""The steps of an execution, and the items that went wrong in them."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from akeneo_jobs.job_type import in_words
from akeneo_jobs.models.executions import JobExecution
from akeneo_jobs.progress import Progress, seconds_since
from akeneo_jobs.statuses import RUNNING, Status, level_of


class StepExecution(models.Model):
    """One step of an execution."""

    execution = models.ForeignKey(JobExecution, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()  # 1 is the first
    name = models.CharField(max_length=100)
    label = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.STARTING)
    processed = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    warning_count = models.PositiveBigIntegerField(default=0)
    error_count = models.PositiveBigIntegerField(default=0)
    checkpoint = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["execution", "position"], name="akj_step_position")
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
    def is_waiting(self):
        return self.status == Status.STARTING

    @property
    def progress(self):
        return Progress(
            processed=self.processed,
            total=self.total,
            elapsed=seconds_since(self.started_at),
            is_done=self.status == Status.COMPLETED,
            is_running=self.status in RUNNING,
        )


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
