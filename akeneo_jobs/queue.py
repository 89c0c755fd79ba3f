"""Hand executions to RQ. With `worker`, the only modules that know it.

Redis gets a primary key and nothing else: the row is the truth, the queue is the transport.
"""

import logging

import django_rq
from django.conf import settings
from django.db import router, transaction
from redis.exceptions import RedisError

from akeneo_jobs import runner
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution

logger = logging.getLogger(__name__)

NO_TIME_LIMIT = -1  # RQ's word for it; its time-out would be swallowed by `except Exception`


def enqueue_on_commit(execution):
    """Hand an execution to the workers once its row is committed; never if it is rolled back."""
    database = execution._state.db or router.db_for_write(JobExecution)
    transaction.on_commit(lambda: enqueue(execution), using=database)


def enqueue(execution):
    """Hand an execution to the workers now; say whether the queue took it.

    Without Redis the row stays as it is, waiting to be delivered later.
    """
    try:
        _queue(execution).enqueue(
            runner.run,
            execution.pk,
            job_id=str(execution.uuid),
            job_timeout=NO_TIME_LIMIT,
            result_ttl=conf.RESULT_TTL,
            failure_ttl=conf.FAILURE_TTL,
            description=f"{execution.job_type} {execution.uuid}",
        )
    except RedisError as error:
        logger.error("execution %s waits, the queue is away: %s", execution.uuid, error)
        return False
    return True


def dequeue(execution):
    """Take a waiting execution out of the queue; it would not be run anyway."""
    try:
        job = _queue(execution).fetch_job(str(execution.uuid))
        if job is not None:
            job.cancel()
    except RedisError as error:
        logger.warning("execution %s stays in the queue: %s", execution.uuid, error)


def _queue(execution):
    """Return the queue of an execution; the usual one where the host has dropped its own."""
    name = execution.queue if execution.queue in settings.RQ_QUEUES else conf.QUEUE
    # Its own commit mode would defer again, and to the wrong database.
    return django_rq.get_queue(name, commit_mode="auto")
