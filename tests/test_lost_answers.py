"""A commit that was done, though its answer never came: all of it is there once."""

from contextlib import suppress

import pytest
from django.db import OperationalError, transaction
from django.db.models import Sum

from akeneo_jobs import ItemStep, Step
from akeneo_jobs.beat import Beat
from akeneo_jobs.models import RejectedRows, StepWarning, WarningGroup
from akeneo_jobs.statuses import Status
from akeneo_jobs.step_warnings import Batch
from tests.factories import JobExecutionFactory, StepExecutionFactory
from tests.files import csv_rows
from tests.one_off import content_of, recording, run, run_again

pytestmark = pytest.mark.django_db

NAMES = ["a", "b", "c"]


@pytest.fixture
def record():
    with recording() as record:
        yield record


@pytest.fixture
def lose_the_answer(monkeypatch):
    """Let one commit be done without an answer: that of what a method writes with warnings."""
    states = []

    def after(owner, name):
        write, leave = getattr(owner, name), transaction.Atomic.__exit__

        def write_once(self, *args, **kwargs):
            write(self, *args, **kwargs)
            if StepWarning.objects.exists() and not states:
                states.append("written")

        def leave_without_an_answer(self, *error):
            leave(self, *error)
            if states == ["written"]:
                states.append("lost")
                raise OperationalError("server closed the connection")

        monkeypatch.setattr(owner, name, write_once)
        monkeypatch.setattr(transaction.Atomic, "__exit__", leave_without_an_answer)

    yield after
    assert states == ["written", "lost"]


@pytest.fixture
def few_rows(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "WARNINGS_KEPT_PER_CAUSE": 1}


class Refuse(Step):
    """Refuses every row."""

    def run(self, context):
        rows = csv_rows("name\n" + "\n".join(NAMES))
        context.read_from(rows)
        for row in context.track(rows):
            context.refuse(row, f"{row['name']} is bad")
            if row["name"] == "b":
                self.tick(context)

    def tick(self, context):
        """Nothing is written before the end."""


class RefuseAndTick(Refuse):
    def tick(self, context):
        with suppress(OperationalError):
            context._beat.save()


class RefuseInChunks(ItemStep):
    chunk_size = 2

    def read(self, context):
        return csv_rows("name\n" + "\n".join(NAMES))

    def process(self, row, context):
        raise ValueError("It is bad.")


def assert_all_is_there_once(execution):
    step = execution.steps.get()
    assert (execution.status, step.status) == (Status.COMPLETED, Status.COMPLETED)
    assert execution.warning_count == step.warning_count == 3
    assert list(StepWarning.objects.values_list("position", flat=True)) == [1, 2, 3]
    assert WarningGroup.objects.aggregate(sum=Sum("count"))["sum"] == 3
    assert RejectedRows.objects.aggregate(sum=Sum("count"))["sum"] == 3
    rejected = content_of(execution, "rejects").splitlines()[1:]
    assert [line[-1] for line in rejected] == NAMES


def test_a_beat_whose_answer_was_lost_writes_nothing_twice(record, lose_the_answer):
    lose_the_answer(Batch, "write")
    assert_all_is_there_once(run(record(RefuseAndTick, is_restartable=False)))


def test_the_completion_of_a_step_whose_answer_was_lost_writes_nothing_twice(
    record, lose_the_answer
):
    lose_the_answer(Batch, "write")
    execution = run(record(Refuse))
    assert (execution.status, execution.failures[0]["cause"]) == (Status.STARTING, "database")
    assert_all_is_there_once(run_again(execution))


def test_a_chunk_whose_answer_was_lost_is_not_written_twice(record, lose_the_answer, few_rows):
    lose_the_answer(Beat, "save_chunk")
    execution = run(record(RefuseInChunks))
    assert (execution.status, execution.steps.get().checkpoint[0]) == (Status.STARTING, 2)
    run_again(execution)
    assert (execution.status, execution.warning_count) == (Status.COMPLETED, 3)
    positions = [line.split(",")[0] for line in content_of(execution, "warnings").splitlines()]
    assert positions == ["position", "1", "2", "3"]
    assert [line[-1] for line in content_of(execution, "rejects").splitlines()[1:]] == NAMES


def test_a_row_that_took_the_key_of_a_lost_one_hides_it_not():
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1)
    step = StepExecutionFactory(execution=execution, position=1, status=Status.STARTED)
    first, second = (StepWarning(step=step, reason=reason) for reason in ("first", "second"))
    second.save()
    first.pk = second.pk  # As of a transaction that was rolled back, on SQLite.
    Batch(rows=[first], groups=[WarningGroup(step=step, key="", cause="bad")]).write()
    assert sorted(StepWarning.objects.values_list("reason", flat=True)) == ["first", "second"]
