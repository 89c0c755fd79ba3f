"""What a purge removes, what it leaves, and what becomes of it when it is interrupted."""

import os
import re
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.utils import timezone, translation

from akeneo_jobs import retention
from akeneo_jobs.models import (
    JobExecution,
    JobFile,
    Notification,
    RejectedRows,
    StepExecution,
    StepWarning,
    WarningGroup,
)
from akeneo_jobs.statuses import FINISHED, Status
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    JobProfileFactory,
    NotificationFactory,
    StepExecutionFactory,
    StepWarningFactory,
)

pytestmark = pytest.mark.django_db
EVERYTHING = {"older_than": 0}


class Killed(BaseException):
    """The end of the process, at this very line."""


def ended(days=100, status="completed", **values):
    """An execution that ended so many days ago."""
    ended_at = timezone.now() - timedelta(days=days)
    return JobExecutionFactory(status=status, ended_at=ended_at, **values)


def full(**values):
    """An execution with a row of everything."""
    execution = ended(**values)
    step = StepExecutionFactory(execution=execution)
    StepWarningFactory.create_batch(3, step=step)
    WarningGroup.objects.create(step=step, key="a", cause="price is no number", count=3, kept=3)
    RejectedRows.objects.create(step=step, first_row=1, last_row=3, count=3, data=b"")
    NotificationFactory(execution=execution)
    for _ in range(2):
        JobFileFactory(execution=execution, size=6)
    return execution


def purge(**options):
    """Purge, and return what was said last."""
    out = StringIO()
    call_command("purge_jobs", stdout=out, **options)
    return out.getvalue().splitlines()[-1]


def left():
    return set(JobExecution.objects.values_list("pk", flat=True))


def path_of(file):
    return Path(file.file.path)


def test_an_old_execution_goes_with_all_that_belongs_to_it():
    execution = full()
    paths = [path_of(file) for file in execution.files.all()]
    said = purge()
    assert said == (
        "Removed: 1 execution, 1 step, 3 warnings, 1 cause, 1 packet of rejected rows, "
        "1 notification, 2 files, 12\xa0bytes in files"
    )
    for model in (
        *(JobExecution, StepExecution, StepWarning, WarningGroup, RejectedRows),
        *(Notification, JobFile),
    ):
        assert not model.objects.exists()
    assert [path for path in paths if path.exists() or path.parent.parent.exists()] == []


def test_a_dry_run_says_the_same_and_removes_nothing():
    execution = full()
    promised = purge(dry_run=True)
    assert execution.files.count() == 2
    assert promised.partition(":")[2] == purge().partition(":")[2]


def test_a_young_execution_stays(settings):
    young, old = ended(days=80), ended(days=100)
    purge()
    assert left() == {young.pk}
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "KEEP_DAYS": 70}
    purge()
    assert left() == set()
    assert old.pk not in left()


@pytest.mark.parametrize("status", sorted(set(Status) - FINISHED))
def test_what_has_not_ended_is_never_removed(status):
    execution = ended(status=status)
    purge(**EVERYTHING)
    assert left() == {execution.pk}


def test_what_somebody_resumes_in_that_moment_stays(monkeypatch):
    execution = ended(status="failed")
    file = JobFileFactory(execution=execution)
    pages = retention.Selection.pages

    def resume_in_between(*args):
        for page in pages(*args):
            execution.apply("resume")
            yield page

    monkeypatch.setattr(retention.Selection, "pages", resume_in_between)
    assert purge(**EVERYTHING) == "Removed: nothing"
    assert left() == {execution.pk}
    assert path_of(file).exists()


def test_only_what_is_selected_goes():
    profile = JobProfileFactory()
    wanted = ended(status="failed", kind="import", profile=profile)
    others = [
        ended(status="completed", kind="import", profile=profile),
        ended(status="failed", kind="export", profile=profile),
        ended(status="failed", kind="import"),
    ]
    purge(status=["failed"], kind=["import"], profile=[profile.code])
    assert left() == {other.pk for other in others}
    assert wanted.pk not in left()


def test_the_last_ones_of_each_profile_and_job_type_stay():
    one, other = JobProfileFactory.create_batch(2)
    groups = [{"profile": one}, {"profile": other}, {"job_type": "counting"}, {"job_type": "gone"}]
    executions = [[ended(days=200 - day, **group) for day in range(4)] for group in groups]
    purge(keep_last=2)
    assert left() == {execution.pk for group in executions for execution in group[2:]}


def test_every_batch_is_told():
    for _ in range(5):
        ended()
    out = StringIO()
    call_command("purge_jobs", batch_size=2, stdout=out)
    assert re.findall(r"  (\d) executions?", out.getvalue()) == ["2", "2", "1"]
    assert "Removed: 5 executions" in out.getvalue()


def test_a_child_loses_its_parent_and_nothing_else():
    parent = ended()
    child = ended(days=1, parent=parent)
    purge()
    child.refresh_from_db()
    assert child.parent is None


def test_an_interrupted_purge_is_finished_by_the_next_one(monkeypatch):
    paths = [path_of(file) for file in full().files.all()]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(retention.storage_of_files(), "delete", _interrupt)
        purge()
    assert left() == set()
    assert all(path.exists() for path in paths)
    assert purge() == "Removed: 2 files, 12\xa0bytes in files"
    assert not JobFile.objects.exists()
    assert not any(path.exists() for path in paths)


def _interrupt(*args):
    raise Killed


def test_an_interruption_within_a_batch_removes_nothing_of_it(monkeypatch):
    execution = full()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(JobExecution.objects._queryset_class, "delete", _interrupt)
        purge()
    assert (left(), execution.files.count()) == ({execution.pk}, 2)


def test_a_storage_that_refuses_does_not_stop_the_purge(monkeypatch, caplog):
    full(), full()
    with monkeypatch.context() as patch:
        patch.setattr(retention.storage_of_files(), "delete", _refuse)
        said = purge()
    assert said.startswith("Removed: 2 executions")
    assert said.endswith("4 files that the storage did not let go")
    assert "read-only" in caplog.text
    assert purge() == "Removed: 4 files, 24\xa0bytes in files"


def _refuse(name):
    raise OSError("read-only")


def test_a_file_that_is_already_gone_is_no_trouble():
    file = JobFileFactory(execution=ended(), size=6)
    path_of(file).unlink()
    assert purge() == "Removed: 1 execution, 1 file, 6\xa0bytes in files"


def test_two_purges_at_once_do_no_harm(monkeypatch):
    for _ in range(4):
        full()
    pages = retention.Selection.pages

    def purge_in_between(*args):
        for page in pages(*args):
            retention._remove(page[:1])
            yield page

    monkeypatch.setattr(retention.Selection, "pages", purge_in_between)
    purge(batch_size=2)
    assert left() == set()
    assert not JobFile.objects.exists()


def test_what_other_rows_protect_stays_and_the_rest_goes(monkeypatch):
    executions = [ended() for _ in range(5)]
    remove = retention._remove_rows

    def protect(pks):
        if executions[2].pk in pks:
            raise ProtectedError("needed", [])
        return remove(pks)

    monkeypatch.setattr(retention, "_remove_rows", protect)
    said = purge()
    assert said == "Removed: 4 executions, 1 execution kept because other rows need it"
    assert left() == {executions[2].pk}


def stored(path, age=timedelta(days=2)):
    """A stored file that no row knows."""
    storage = retention.storage_of_files()
    name = storage.save(path, ContentFile(b"sku"))
    stamp = (timezone.now() - age).timestamp()
    os.utime(storage.path(name), (stamp, stamp))
    return Path(storage.path(name))


def test_files_that_no_row_knows_are_removed_on_demand():
    kept = JobFileFactory()
    os.utime(path_of(kept), (0, 0))
    nobodys = stored(f"akeneo_jobs/{uuid.uuid4()}/{uuid.uuid4()}/a.csv")
    beside = stored(f"akeneo_jobs/{kept.execution.uuid}/{uuid.uuid4()}/b.csv")
    young = stored(f"akeneo_jobs/{uuid.uuid4()}/{uuid.uuid4()}/c.csv", timedelta(hours=1))
    foreign = stored("akeneo_jobs/notes/readme/d.txt")
    purge()
    assert nobodys.exists()
    assert purge(orphans=True, dry_run=True) == "Would be removed: 2 files, 6\xa0bytes in files"
    assert purge(orphans=True) == "Removed: 2 files, 6\xa0bytes in files"
    assert not nobodys.parent.parent.exists()
    assert not beside.exists()
    assert all(path.exists() for path in (path_of(kept), young, foreign))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"older_than": -1}, "cannot be negative"),
        ({"keep_last": -1}, "cannot be negative"),
        ({"batch_size": 0}, "between 1 and"),
        ({"profile": ["nowhere"]}, "There is no profile “nowhere”"),
    ],
)
def test_a_wrong_option_is_refused_in_words(options, reason):
    with pytest.raises(CommandError, match=reason):
        purge(**options)


def test_a_purge_speaks_the_language_of_the_terminal():
    full()
    with translation.override("fr"):
        said = purge()
    assert said.endswith(
        "1 exécution, 1 étape, 3 avertissements, 1 cause, 1 paquet de lignes refusées, "
        "1 notification, 2 fichiers, 12\xa0octets en fichiers"
    )
