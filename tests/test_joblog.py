"""The log of an execution is saved again when it could not be saved."""

import pytest
from django.db import OperationalError
from django.db.models.fields.files import FieldFile

from akeneo_jobs import Step, attempt
from akeneo_jobs.joblog import ExecutionLog
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory
from tests.one_off import content_of, recording, run


def be_away(*_args, **_kwargs):
    raise OperationalError("server closed the connection")


def be_full(*_args, **_kwargs):
    raise OSError("No space left on device")


@pytest.fixture
def log(db):
    log = ExecutionLog(JobExecutionFactory())
    log.add(b"what matters\n")
    return log


def test_a_log_is_saved_again_after_an_error_of_the_database(log):
    with pytest.raises(OperationalError):
        log.save(be_away)
    assert not log.execution.files.exists()
    log.save(lambda: None)
    assert content_of(log.execution, "log") == "what matters\n"


def test_a_log_is_saved_again_after_an_error_of_the_storage(log, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(FieldFile, "save", be_full)
        log.save(lambda: None)
    log.save(lambda: None)
    assert content_of(log.execution, "log") == "what matters\n"


def test_a_log_that_is_saved_is_not_saved_again(log):
    log.save(lambda: None)
    log.save(be_away)


class Say(Step):
    def run(self, context):
        context.log.info("what matters")


@pytest.mark.django_db(transaction=True)
def test_the_last_lines_are_kept_though_the_database_is_away_at_the_end(monkeypatch):
    save = ExecutionLog.save

    def save_in_vain(self, fence):
        monkeypatch.setattr(ExecutionLog, "save", save)
        save(self, be_away)

    monkeypatch.setattr(ExecutionLog, "save", save_in_vain)
    monkeypatch.setattr(attempt, "PAUSE", 0)
    with recording() as record:
        execution = run(record(Say))
    assert execution.status == Status.COMPLETED
    assert "INFO what matters" in content_of(execution, "log")
