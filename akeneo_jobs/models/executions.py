"""Launches and how they went."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, router
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import registry, secrecy
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models.profiles import JobProfile
from akeneo_jobs.progress import Progress, seconds_since
from akeneo_jobs.querysets import JobExecutionQuerySet
from akeneo_jobs.statuses import (
    ACTIVE,
    FINISHED,
    RESUMABLE,
    RUNNING,
    STOPPABLE,
    TRANSITIONS,
    Status,
    level_of,
)


def database():
    """Return the alias of the database that executions are written to."""
    return router.db_for_write(JobExecution)


class JobExecution(models.Model):
    """One launch. While it runs, its row carries the numbers of the step that it is at."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job_type = models.CharField(_("job type"), max_length=100)
    kind = models.CharField(_("kind"), max_length=50)
    profile = models.ForeignKey(
        JobProfile,
        verbose_name=_("profile"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="executions",
    )
    profile_label = models.CharField(
        _("profile label"), max_length=255, blank=True
    )  # as it was at launch
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("launched by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="job_executions",
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
    )
    # Everything is rolled back at its end.
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    # Its rows are the rejects of its parent, corrected.
    is_repair = models.BooleanField(_("repair"), default=False)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.STARTING
    )
    parameters = models.JSONField(
        _("parameters"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )
    # Known even when the host has dropped the job type.
    secret_parameters = models.JSONField(_("secret parameters"), default=list, blank=True)
    # In which its warnings are written.
    language = models.CharField(_("language"), max_length=20, blank=True)
    queue = models.CharField(_("queue"), max_length=100, blank=True)
    # What limits how many run at once; empty: nothing.
    unique_key = models.CharField(_("unique key"), max_length=240, blank=True)
    # One of the key's slots, while it runs. Nobody else can have the same.
    slot = models.CharField(_("slot"), max_length=255, null=True, blank=True)  # noqa: DJ001
    # A worker had it in hand and found no slot free.
    is_waiting_for_slot = models.BooleanField(_("waiting for a slot"), default=False)
    # Each start takes the next number.
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    # How often it continued by itself after a death.
    restarts = models.PositiveIntegerField(_("restarts"), default=0)
    step_count = models.PositiveIntegerField(_("step count"), default=1)
    # 1 is the first, 0 before it.
    current_step = models.PositiveIntegerField(_("current step"), default=0)
    processed = models.PositiveBigIntegerField(_("processed"), default=0)
    total = models.PositiveBigIntegerField(_("total"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    warning_count = models.PositiveBigIntegerField(_("warnings"), default=0)
    error_count = models.PositiveBigIntegerField(_("errors"), default=0)
    # Dicts of "step", "cause", "reason" and "attempt".
    failures = models.JSONField(_("failures"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    step_started_at = models.DateTimeField(_("step started at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("heartbeat at"), null=True, blank=True)
    # When the queue took it last.
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    # A transaction of the launcher is still open.
    is_held = models.BooleanField(_("held"), default=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = JobExecutionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("job execution")
        verbose_name_plural = _("job executions")
        indexes = [
            models.Index(fields=["user", "-id"], name="akj_execution_user"),
            models.Index(fields=["profile", "-id"], name="akj_execution_profile"),
            models.Index(fields=["status", "heartbeat_at"], name="akj_execution_heartbeat"),
        ]
        constraints = [models.UniqueConstraint(fields=["slot"], name="akj_execution_slot")]
        permissions = [
            ("view_all_jobexecutions", _("Can list the job executions of everybody")),
            ("control_jobexecution", _("Can stop, pause, resume and relaunch for others")),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("akeneo_jobs:report", args=[self.uuid])

    @property
    def label(self):
        """What people call it: the profile's label, the job type's, or its code."""
        return self.profile_label or registry.label_of(self.job_type)

    @property
    def shown_parameters(self):
        """The parameters with the secret ones masked."""
        return secrecy.masked(self.parameters, secrecy.names_for(self))

    @property
    def kind_label(self):
        return registry.kind_label(self.kind)

    @property
    def level(self):
        return level_of(self.status, self.warning_count, self.error_count)

    @property
    def issue_count(self):
        """The number beside the colour; a failed execution never shows 0."""
        least = 1 if self.status == Status.FAILED else 0
        return max(least, self.warning_count + self.error_count)

    @property
    def is_active(self):
        return self.status in ACTIVE

    @property
    def is_finished(self):
        return self.status in FINISHED

    @property
    def can_stop(self):
        """Say whether its status and its job type allow a stop; the policy says who may."""
        job_type = registry.find(self.job_type)
        stoppable = job_type is None or job_type.is_stoppable
        return stoppable and self.status in STOPPABLE

    @property
    def can_pause(self):
        return self.status == Status.STARTED and self.is_restartable and not self.is_dry_run

    @property
    def can_resume(self):
        """Say whether it may continue: paused, or failed for a reason that may have passed."""
        is_known = registry.find(self.job_type) is not None
        has_refused = bool(self.failures) and self.failures[-1]["cause"] == "failed"
        return self.status in RESUMABLE and is_known and not has_refused

    @property
    def can_relaunch(self):
        return self.is_finished and registry.find(self.job_type) is not None

    @property
    def can_repair(self):
        """Say whether corrected rows may be uploaded: there are rejects, and one input."""
        if not self.is_finished or self.is_dry_run or registry.find(self.job_type) is None:
            return False
        inputs = self.files.filter(role="input").count()
        return inputs == 1 and self.files.filter(role="rejects").exists()

    @property
    def can_launch_for_real(self):
        return self.is_dry_run and self.can_relaunch

    @property
    def is_restartable(self):
        job_type = registry.find(self.job_type)
        return job_type is not None and job_type.is_restartable

    @property
    def duration(self):
        """Seconds from start to end, or until now; None before the start."""
        if self.started_at is None:
            return None
        return max(0.0, ((self.ended_at or timezone.now()) - self.started_at).total_seconds())

    @property
    def progress(self):
        """The `Progress` of the step that it is at."""
        return Progress(
            processed=self.processed,
            total=self.total,
            elapsed=seconds_since(self.step_started_at),
            is_done=self.status == Status.COMPLETED,
            is_running=self.status in RUNNING,
        )

    @property
    def log_file(self):
        return self.files.filter(role="log").first()

    @property
    def steps(self):
        """Its steps, a queryset; `all_steps` has the parts that some are split into, too."""
        return self.all_steps.filter(part=0)

    def steps_now(self):
        """Return its steps with their `parts`; the running one with what the beat saved last."""
        rows = list(self.all_steps.defer("checkpoint", "slice"))
        steps = [row for row in rows if not row.part]
        for step in steps:
            step.parts = [row for row in rows if row.part and row.position == step.position]
            if step.status in RUNNING and step.position == self.current_step:
                others = sum(one.warning_count for one in steps if one is not step)
                step.take_numbers_of(self, others)
        return steps

    def apply(self, verb, *, attempt=None, when=None, **values):
        """Change the status by a verb of `TRANSITIONS`, in one conditional UPDATE.

        With `attempt`, only the attempt with this number may; "start" takes the next number.
        `when` holds more conditions on the row; `values` are written with the status.
        Raises `InvalidTransition`, and changes nothing, when somebody else was faster.
        """
        origins, target = TRANSITIONS[verb]
        rows = type(self).objects.filter(pk=self.pk, status__in=origins, **(when or {}))
        if verb == "start":
            attempt, values["attempt"] = self.attempt, self.attempt + 1
        if attempt is not None:
            rows = rows.filter(attempt=attempt)
        values |= {"status": target, "is_waiting_for_slot": False}
        if target not in ACTIVE:
            values["slot"] = None
        if target in FINISHED:
            values.setdefault("ended_at", timezone.now())
        if not rows.update(**values):
            self.refresh_from_db()
            raise InvalidTransition
        self.refresh_from_db(fields=list(values))

    apply.alters_data = True
