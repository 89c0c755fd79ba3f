import pytest

from akeneo_jobs import actions, outcomes, runner, testing
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory

pytestmark = pytest.mark.django_db


def test_a_death_between_the_last_step_and_the_outcome_loses_no_numbers():
    execution = testing.run("restartable", parameters={"count": 40, "pause": 0})
    told = execution.notifications.count()
    JobExecution.objects.update(
        status=Status.STARTING, ended_at=None, processed=0, counts={}, warning_count=0
    )
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert (execution.status, execution.attempt) == (Status.COMPLETED, 2)
    assert (execution.processed, execution.total) == (40, 40)
    assert (execution.counts, execution.warning_count) == ({"read": 40, "created": 36}, 4)
    assert execution.notifications.count() == told


def test_an_attempt_that_was_replaced_cannot_fail_what_a_person_has_resumed():
    late = JobExecutionFactory(status=Status.STARTED, attempt=1)
    execution = JobExecution.objects.get(pk=late.pk)
    outcomes.lose(execution, "lost", lambda: "It gave no sign of life.")
    actions.resume(execution, execution.user)
    with pytest.raises(InvalidTransition):
        outcomes.end(late, "fail", attempt=1, failure=outcomes.failure("error", "Late"))
    execution.refresh_from_db()
    assert (execution.status, execution.attempt) == (Status.STARTING, 1)


def test_an_attempt_that_was_replaced_cannot_give_the_execution_back():
    execution = JobExecutionFactory(status=Status.STARTED, attempt=2, job_type="restartable")
    with pytest.raises(InvalidTransition):
        outcomes.restart(execution, attempt=1)
    execution.refresh_from_db()
    assert (execution.status, execution.attempt) == (Status.STARTED, 2)
