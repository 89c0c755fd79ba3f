import errno
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages

from akeneo_jobs import JobType, actions, testing
from akeneo_jobs.models import JobExecution, JobFile
from akeneo_jobs.statuses import Status

pytestmark = pytest.mark.django_db


class FullStorage(FileSystemStorage):
    """Has room for the half of a large file."""

    def _save(self, name, content):
        saved = super()._save(name, content)
        if content.size > 1000:
            Path(self.path(saved)).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return saved


class LargeExport(JobType):
    code = "large_export"
    label = "Large export"
    kind = "export"

    def run(self, context):
        for name, size in (("small.txt", 10), ("large.txt", 2000)):
            with context.open_output(name) as output:
                output.write("x" * size)


@pytest.fixture
def full(settings, tmp_path):
    backend = f"{__name__}.FullStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "akeneo_jobs": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path / "jobs")}},
    }
    field = JobFile._meta.get_field("file")
    before, field.storage = field.storage, storages["akeneo_jobs"]
    yield tmp_path / "jobs"
    field.storage = before


def stored(root):
    return {path.name for path in root.rglob("*") if path.is_file()}


def test_a_full_storage_fails_the_operation_and_leaves_nothing_by_halves(full):
    with testing.registered(LargeExport):
        execution = testing.run("large_export")
    assert execution.status == Status.FAILED
    assert "No space left on device" in execution.failures[0]["reason"]
    assert set(execution.files.values_list("name", flat=True)) <= {"small.txt", "log.txt"}
    assert stored(full) == set(execution.files.values_list("name", flat=True))


class StarExport(JobType):
    code = "star_export"
    label = "Star export"
    kind = "export"

    def run(self, context):
        with context.open_output("★") as output:
            output.write("stars")


def test_a_name_that_no_storage_takes_is_kept_for_people_only():
    upload = ContentFile(b"text", name="★")
    given = actions.record("copying", parameters={"file": upload}).files.get()
    with testing.registered(StarExport):
        made = testing.run("star_export").files.get(role=JobFile.Role.OUTPUT)
    assert given.name == made.name == "★"
    assert Path(given.file.name).name == Path(made.file.name).name == "file"


def test_an_upload_that_does_not_fit_leaves_nothing_behind(full):
    upload = ContentFile(b"x" * 2000, name="large.txt")
    with pytest.raises((OSError, ValidationError)):
        actions.record("copying", parameters={"file": upload})
    assert not stored(full)
    assert not JobExecution.objects.exists()
