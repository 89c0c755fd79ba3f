"""A database that goes away in the middle of a chunk."""

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError

from akeneo_jobs import actions, runner
from akeneo_jobs.beat import Beat
from akeneo_jobs.models import StepExecution, StepWarning
from akeneo_jobs.statuses import Status

pytestmark = pytest.mark.django_db

NUMBERS = {"count": 100, "pause": 0}


@pytest.fixture
def execution():
    return actions.record("restartable", parameters=NUMBERS)


@pytest.fixture
def away(monkeypatch):
    """Let the database be away at some calls of a method, before or after it did its work."""

    def patch(owner, name, *at, after=False):
        original, calls = getattr(owner, name), []

        def method(*args, **kwargs):
            calls.append(1)
            if len(calls) not in at:
                return original(*args, **kwargs)
            if after:
                original(*args, **kwargs)
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(owner, name, method)

    return patch


def assert_nothing_lost_or_twice(execution):
    runner.run(execution.pk)
    execution.refresh_from_db()
    step = execution.steps.get()
    names = Group.objects.filter(name__startswith=execution.uuid).values_list("name", flat=True)
    numbers = sorted(int(name.rsplit("-", 1)[1]) for name in names)
    assert execution.status == Status.COMPLETED
    assert numbers == [number for number in range(100) if number % 10 != 9]
    assert (step.processed, step.counts) == (100, {"read": 100, "created": 90})
    assert execution.warning_count == step.warning_count == StepWarning.objects.count() == 10


def assert_stands_at_its_checkpoint(execution, checkpoint):
    execution.refresh_from_db()
    step = execution.steps.get()
    assert (execution.status, execution.restarts) == (Status.STARTING, 1)
    assert execution.failures[0]["cause"] == "database"
    assert (step.checkpoint, step.processed) == ([checkpoint, None, checkpoint], checkpoint)
    assert step.counts == {"read": checkpoint, "created": checkpoint * 9 // 10}


def test_a_chunk_that_could_not_be_written_is_written_once_later(execution, away):
    away(Beat, "fence", 4)  # The first is that of the step's start.
    away(StepExecution, "refresh_from_db", 1, 2)
    runner.run(execution.pk)
    assert_stands_at_its_checkpoint(execution, 40)
    assert_nothing_lost_or_twice(execution)


def test_a_chunk_whose_commit_failed_is_not_taken_for_written(execution, away):
    away(Beat, "save_step", 3, after=True)
    away(StepExecution, "refresh_from_db", 1, 2)
    runner.run(execution.pk)
    assert_stands_at_its_checkpoint(execution, 40)
    assert_nothing_lost_or_twice(execution)
