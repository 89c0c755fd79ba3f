"""“Your operation is over”: one row per person and outcome."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import wording
from akeneo_jobs.models.executions import JobExecution
from akeneo_jobs.permissions import is_person
from akeneo_jobs.statuses import Level


class NotificationQuerySet(models.QuerySet):
    def of(self, user):
        """The person's own; nothing for who has not logged in."""
        return self.filter(user=user) if is_person(user) else self.none()

    def unread(self):
        return self.filter(read_at=None)

    def for_list(self):
        """Load what a row of a list shows, and no more."""
        return self.select_related("execution").defer("execution__failures", "execution__counts")


class Notification(models.Model):
    """Tells one person how one attempt at an execution ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="job_notifications"
    )
    execution = models.ForeignKey(
        JobExecution, on_delete=models.CASCADE, related_name="notifications"
    )
    attempt = models.PositiveIntegerField(default=0)
    level = models.CharField(max_length=20, choices=Level.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "execution", "attempt"], name="akj_notification_once"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="akj_notification_user"),
            models.Index(fields=["user", "read_at"], name="akj_notification_unread"),
        ]

    def __str__(self):
        return self.message

    @property
    def message(self):
        """What happened, in the words of the execution's kind and the reader's language."""
        execution = self.execution
        return wording.ended(execution.kind, execution.label, self.level, execution.is_dry_run)

    @property
    def is_read(self):
        return self.read_at is not None
