import pytest

from akeneo_jobs import actions, queue
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory


@pytest.mark.django_db(transaction=True)
def test_a_launch_succeeds_while_redis_is_away(caplog):
    execution = actions.launch("counting")
    execution.refresh_from_db()
    assert execution.status == Status.STARTING
    assert "the queue is away" in caplog.text


@pytest.mark.django_db
def test_a_stop_succeeds_while_redis_is_away():
    execution = JobExecutionFactory()
    actions.stop(execution, execution.user)
    assert execution.status == Status.STOPPED


def test_an_execution_of_a_dropped_queue_goes_to_the_usual_one(db):
    execution = JobExecutionFactory(queue="dropped")
    assert queue.queue_of(execution).name == "default"
