"""Files that go into an execution and come out of it."""

import uuid

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import storages
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from akeneo_jobs.conf import conf
from akeneo_jobs.models.executions import JobExecution


def _storage():
    """Return the storage of the host's choice; a function, so that migrations name none."""
    return storages[conf.STORAGE]


def _path(job_file, name):
    """Return a path that nobody guesses; only the last part is what the person called it."""
    return f"akeneo_jobs/{job_file.execution.uuid}/{job_file.pk}/{_storable(name)[-100:]}"


def _storable(name):
    try:
        return get_valid_filename(name)
    except SuspiciousFileOperation:  # Nothing of it may be in a path, as in "★".
        return "file"


class JobFileQuerySet(models.QuerySet):
    def offered(self):
        """What people may download."""
        return self.exclude(role=JobFile.Role.PART)


class JobFile(models.Model):
    """A file that goes into an execution or comes out of it."""

    class Role(models.TextChoices):
        INPUT = "input", _("Read file")
        OUTPUT = "output", _("Generated file")
        REJECTS = "rejects", _("Invalid data")
        WARNINGS = "warnings", _("All warnings")
        LOG = "log", _("Log")
        PART = "part", _("Part")  # Of a file that several processes write; never offered.

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: it was purged, and this row only says that the storage still holds the file.
    execution = models.ForeignKey(
        JobExecution, null=True, on_delete=models.CASCADE, related_name="files"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    # Of an input: which one it is. Of a part: which step's, and its number.
    parameter = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=255)  # what people see and download it as
    size = models.PositiveBigIntegerField(default=0)  # bytes
    file = models.FileField(upload_to=_path, storage=_storage, max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = JobFileQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        permissions = [("download_jobfile", _("Can download the files of everybody's jobs"))]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("akeneo_jobs:download", args=[self.execution.uuid, self.pk])
