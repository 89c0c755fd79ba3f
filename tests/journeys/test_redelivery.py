"""What RQ still knows of an earlier delivery does not end the next one."""

import django_rq
import pytest

from akeneo_jobs import queue
from tests.factories import JobExecutionFactory


@pytest.fixture
def rq_queue():
    return django_rq.get_queue("default", commit_mode="auto")


@pytest.fixture(params=[0, 1], ids=["before its start", "in its first attempt"])
def taken(request, rq_queue):
    """An execution that a worker had taken from the queue when it died."""
    execution = JobExecutionFactory(attempt=request.param)
    queue.enqueue(execution)
    rq_queue.connection.lmove(rq_queue.key, rq_queue.intermediate_queue.key, "RIGHT", "LEFT")
    rq_queue.intermediate_queue.set_first_seen(str(execution.uuid))
    execution.refresh_from_db()
    return execution


def test_what_is_handed_over_again_is_in_its_queue_and_nowhere_else(rq_queue, taken):
    job_id, in_between = str(taken.uuid), rq_queue.intermediate_queue
    assert (rq_queue.job_ids, in_between.get_job_ids()) == ([], [job_id])
    assert queue.enqueue(taken)
    assert (rq_queue.job_ids, in_between.get_job_ids()) == ([job_id], [])
    assert in_between.get_first_seen(job_id) is None
