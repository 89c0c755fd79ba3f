"""The numbers on an execution's row are those of the step that it says it is at."""

import pytest

from akeneo_jobs import Step, runner
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.one_off import Killed, OneOffJob, recording, run

pytestmark = pytest.mark.django_db

OWN = (5, 5, {"done": 5}, 5)
NOTHING = (0, None, {}, 0)


@pytest.fixture
def record():
    with recording() as record:
        yield record


class First(Step):
    def run(self, context):
        for number in context.track(range(5)):
            context.count("done")
            context.warn(f"{number} is bad")


class Look(Step):
    """Reads what people see before anything is done."""

    def run(self, context):
        execution = JobExecution.objects.get(pk=context.execution.pk)
        type(self).seen = execution, execution.steps_now()


class Die(Step):
    def run(self, context):
        raise Killed


def numbers(row):
    return row.processed, row.total, row.counts, row.warning_count


def test_a_step_that_has_just_begun_is_shown_with_numbers_of_its_own(record):
    run(record(First, Look))
    execution, (first, second) = Look.seen
    assert (execution.current_step, numbers(execution)) == (2, (*NOTHING[:3], 5))
    assert (numbers(first), numbers(second)) == (OWN, NOTHING)
    assert (first.status, second.status) == (Status.COMPLETED, Status.STARTED)
    assert execution.step_started_at == second.started_at


def test_a_step_that_dies_at_its_first_moment_is_stored_with_numbers_of_its_own(record):
    execution = run(record(First, Die, is_restartable=False))
    first, second = execution.steps
    assert (execution.status, execution.warning_count) == (Status.FAILED, 5)
    assert (numbers(first), numbers(second)) == (OWN, NOTHING)


def test_a_step_that_dies_again_at_its_first_moment_has_numbers_of_its_own(record, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "RESTARTS": 1}
    execution = run(record(First, Die))
    assert execution.status == Status.STARTING
    first, second = run(execution).steps
    assert (execution.status, execution.attempt, execution.warning_count) == (Status.FAILED, 2, 5)
    assert (numbers(first), numbers(second)) == (OWN, NOTHING)


def test_a_restart_keeps_the_numbers_of_the_row_until_a_step_begins(record):
    seen = []

    def get_steps(self):
        if runner.current is not None:  # A beat comes while the operation is being prepared.
            runner.current.beat.save()
            seen.append(JobExecution.objects.get(pk=runner.current.execution.pk))
        return OneOffJob.get_steps(self)

    execution = run(record(First, Die, get_steps=get_steps))
    run(execution)
    again = seen[-1]
    assert (again.attempt, again.current_step, again.warning_count) == (2, 2, 5)


class WarnAndDie(Step):
    """Is killed when the beat has shown its warnings, and nothing has written them."""

    def run(self, context):
        for number in context.track(range(3)):
            context.warn(f"{number} is bad")
        context._beat._tick(is_log_due=False)
        raise Killed


def test_warnings_that_died_with_a_process_are_counted_no_more(record, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "RESTARTS": 0}
    execution = run(record(WarnAndDie))
    step = execution.steps.get()
    assert (execution.status, step.processed, step.warnings.count()) == (Status.FAILED, 3, 0)
    assert (execution.warning_count, step.warning_count) == (0, 0)
