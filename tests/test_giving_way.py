"""A process that is asked to give way before it has begun begins nothing."""

import pytest

from akeneo_jobs import Step, runner
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, StepExecutionFactory
from tests.one_off import recording, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _another_process(monkeypatch):
    monkeypatch.setattr(runner, "gives_way", False)


@pytest.fixture
def record():
    with recording() as record:
        yield record


class Count(Step):
    def run(self, context):
        for _number in context.track(range(5)):
            context.count("done")


def give_way_at_the_first_start(_job_type, execution):
    if execution.attempt == 1:
        runner.give_way()


def test_what_was_not_started_waits_for_another_worker(record):
    execution = record(Count)
    runner.give_way()
    assert (run(execution).status, execution.attempt) == (Status.STARTING, 0)
    assert not execution.steps.exists()


def test_an_order_from_before_the_start_is_not_kept_for_the_next_operation(record):
    execution = record(Count)
    runner.give_way()
    run(execution)
    assert run(execution).status == Status.COMPLETED


def test_a_part_that_was_not_claimed_waits_for_another_worker():
    execution = JobExecutionFactory(job_type="parted", status=Status.STARTED, attempt=1)
    part = StepExecutionFactory(execution=execution, position=1, part=1, slice=[0, 10])
    runner.give_way()
    runner.run_part(part.pk)
    part.refresh_from_db()
    assert (part.status, part.attempt) == (Status.STARTING, 0)


def test_what_was_just_started_is_given_back_at_once(record):
    execution = run(record(Count, started=give_way_at_the_first_start))
    assert (execution.status, execution.attempt, execution.restarts) == (Status.STARTING, 1, 0)
    assert [step.counts for step in execution.steps] in ([], [{}])


def test_the_order_to_give_way_holds_for_one_operation(record):
    execution = run(record(Count, started=give_way_at_the_first_start))
    assert runner.gives_way is False
    assert (run(execution).status, execution.attempt) == (Status.COMPLETED, 2)
    assert execution.steps.get().counts == {"done": 5}


def test_what_cannot_continue_does_not_give_way(record):
    started = give_way_at_the_first_start
    execution = run(record(Count, started=started, is_restartable=False))
    assert (execution.status, runner.gives_way) == (Status.COMPLETED, False)
