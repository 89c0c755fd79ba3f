"""Purge: remove what ended long ago, with all that belongs to it.

Executions go in batches, each in one transaction. It leaves the rows of their files behind, without
an execution: the list of what the storage still holds. Then the files go, and those rows with them.
So what was interrupted anywhere is finished by the next purge, and no file is forgotten.
"""

import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import router, transaction
from django.db.models import ProtectedError, RestrictedError, Sum
from django.utils import timezone

from akeneo_jobs.models import (
    JobExecution,
    JobFile,
    Notification,
    RejectedRows,
    StepExecution,
    StepWarning,
    WarningGroup,
)

logger = logging.getLogger(__name__)

BATCH_SIZE = 500  # executions removed in one transaction
MODELS = {
    "executions": JobExecution,
    "steps": StepExecution,
    "warnings": StepWarning,
    "causes": WarningGroup,
    "rejects": RejectedRows,
    "notifications": Notification,
}


@dataclass
class Selection:
    """Which of the executions that have ended are to go."""

    older_than: float  # days since they ended
    statuses: tuple = ()  # empty: whatever their outcome
    kinds: tuple = ()
    profiles: tuple = ()  # codes
    keep_last: int = 0  # of each profile, and of each job type without one, that stay anyway

    def rows(self):
        ended_before = timezone.now() - timedelta(days=self.older_than)
        rows = _rows(JobExecution).finished().filter(ended_at__lt=ended_before)
        if self.statuses:
            rows = rows.filter(status__in=self.statuses)
        if self.kinds:
            rows = rows.filter(kind__in=self.kinds)
        if self.profiles:
            rows = rows.filter(profile__code__in=self.profiles)
        return rows

    def pages(self, size):
        """Yield the primary keys of what is to go, in lists."""
        last = self._last_ones() if self.keep_last else None
        for page in _pages(self.rows(), size, "profile_id", "job_type"):
            if last is not None:
                page = [row for row in page if row[0] < last.get(_group(*row[1:]), 0)]
            if page:
                yield [row[0] for row in page]

    def _last_ones(self):
        """Return the oldest execution to keep of each group."""
        ended = _rows(JobExecution).finished().order_by()
        groups = {_group(*row) for row in ended.values_list("profile_id", "job_type").distinct()}
        return {group: self._oldest_kept(ended.filter(**dict(group))) for group in groups}

    def _oldest_kept(self, rows):
        newest = rows.order_by("-pk").values_list("pk", flat=True)[: self.keep_last]
        return min(newest, default=0)


def purge(selection, *, batch_size=BATCH_SIZE, dry_run=False):
    """Remove what is selected, and the files that an earlier purge left; yield counts per batch.

    Safe to be interrupted, and to be done by two at once.
    """
    for page in _pages(_rows(JobFile).filter(execution=None), batch_size):
        pks = [pk for (pk,) in page]
        yield _count_files(_rows(JobFile).filter(pk__in=pks)) if dry_run else remove_files(pks)
    for pks in selection.pages(batch_size):
        yield _count(pks) if dry_run else _remove(pks)


def remove_files(pks):
    """Remove the files of rows without an execution; a row stays while its file does."""
    rows = _rows(JobFile).filter(pk__in=pks, execution=None)
    counts, gone = Counter(), []
    for pk, name, size in rows.values_list("pk", "file", "size"):
        if not name or remove_file(name):
            gone.append(pk)
            counts += Counter(files=1, bytes=size)
        else:
            counts["stuck_files"] += 1
    _rows(JobFile).filter(pk__in=gone).delete()
    return counts


def remove_file(name):
    """Delete a file from the storage, and the folders that are empty without it; say if it went."""
    storage = storage_of_files()
    try:
        storage.delete(name)
    except Exception as error:  # A storage raises whatever its service does.
        logger.warning("file %s stays in the storage: %s", name, error)
        return False
    with suppress(NotImplementedError, OSError):  # No folders in this storage, or not empty.
        folder = Path(storage.path(name)).parent
        folder.rmdir()
        folder.parent.rmdir()
    return True


def storage_of_files():
    return JobFile._meta.get_field("file").storage


def _remove(pks):
    """Remove executions; those that a host's rows protect stay."""
    try:
        counts, files = _remove_rows(pks)
    except (ProtectedError, RestrictedError):
        if len(pks) == 1:
            logger.warning("execution %s stays: other rows protect it", *pks)
            return Counter(protected=1)
        middle = len(pks) // 2
        return _remove(pks[:middle]) + _remove(pks[middle:])
    return counts + remove_files(files)


def _remove_rows(pks):
    """Remove executions unless somebody has resumed them; return counts and their files' rows."""
    rows = _rows(JobExecution).filter(pk__in=pks)
    with transaction.atomic(using=rows.db):
        locked = rows.finished().select_for_update().order_by("pk")
        pks = list(locked.values_list("pk", flat=True))
        files = list(_rows(JobFile).filter(execution__in=pks).values_list("pk", flat=True))
        _rows(JobFile).filter(pk__in=files).update(execution=None)
        _total, removed = _rows(JobExecution).filter(pk__in=pks).only("pk").delete()
    counts = {name: removed.get(model._meta.label, 0) for name, model in MODELS.items()}
    return Counter(counts), files


def _count(pks):
    """Count what `_remove` would."""
    steps = _rows(StepExecution).filter(execution__in=pks)
    files = _rows(JobFile).filter(execution__in=pks)
    return _count_files(files) + Counter(
        executions=len(pks),
        steps=steps.count(),
        warnings=_rows(StepWarning).filter(step__in=steps).count(),
        causes=_rows(WarningGroup).filter(step__in=steps).count(),
        rejects=_rows(RejectedRows).filter(step__in=steps).count(),
        notifications=_rows(Notification).filter(execution__in=pks).count(),
    )


def _count_files(files):
    return Counter(files=files.count(), bytes=files.aggregate(sum=Sum("size"))["sum"] or 0)


def _pages(rows, size, *columns):
    """Yield primary keys and columns in lists; rows may be deleted in between."""
    rows = rows.order_by("pk").values_list("pk", *columns)
    page = list(rows[:size])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1][0])[:size])


def _group(profile, job_type):
    """Return what the last ones are counted by, as pairs of a lookup and its value."""
    if profile is None:
        return (("profile", None), ("job_type", job_type))
    return (("profile", profile),)


def _rows(model):
    return model.objects.using(router.db_for_write(JobExecution))
