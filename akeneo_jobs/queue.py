"""Hand executions to RQ. With `worker`, the only modules that know it.

Redis gets a primary key and nothing else: the row is the truth, the queue is the transport.
"""

import logging
from functools import partial

import django_rq
from django.conf import settings
from django.db import connections, transaction
from django.db.models.functions import Now
from redis.exceptions import RedisError
from rq import Worker

from akeneo_jobs import parts, runner
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status

logger = logging.getLogger(__name__)

NO_TIME_LIMIT = -1  # RQ's word for it; its time-out would be swallowed by `except Exception`


def open_transactions():
    """Return the databases on which the caller has a transaction open."""
    return [one.alias for one in connections.all(initialized_only=True) if one.in_atomic_block]


def enqueue_on_commit(execution):
    """Hand an execution to the workers once every open transaction is committed.

    On whichever database: the worker is to see the caller's own work. Never if one of them is
    rolled back.
    """
    _after_commits(open_transactions(), execution)


def enqueue(execution, *, at_front=False):
    """Hand an execution to the workers now; say whether the queue took it.

    `at_front` is for one that a worker had in hand already and could not start. Without Redis the
    row stays as it is, and `upkeep.redeliver` delivers it later.
    """
    try:
        queue = queue_of(execution)
        if execution.attempt or execution.delivered_at or execution.restarts or at_front:
            _forget(queue, str(execution.uuid))
        queue.enqueue(
            run,
            execution.pk,
            job_id=str(execution.uuid),
            at_front=at_front,
            job_timeout=NO_TIME_LIMIT,
            result_ttl=conf.RESULT_TTL,
            failure_ttl=conf.FAILURE_TTL,
            description=f"{execution.job_type} {execution.uuid}",
        )
    except RedisError as error:
        logger.error("execution %s waits, the queue is away: %s", execution.uuid, error)
        return False
    rows = JobExecution.objects.filter(pk=execution.pk, status=Status.STARTING)
    rows.update(delivered_at=Now())
    return True


def run(pk):
    """Run an execution; what a worker finds in the queue."""
    runner.run(pk, deliver=enqueue_parts)


def enqueue_parts(rows):
    """Hand parts of a step to whichever workers there are; where Redis is away, nobody helps."""
    try:
        for part in rows.select_related("execution"):
            queue = queue_of(part.execution)
            if part.attempt:
                _forget(queue, parts.id_of(part))
            queue.enqueue(
                runner.run_part,
                part.pk,
                job_id=parts.id_of(part),
                job_timeout=NO_TIME_LIMIT,
                result_ttl=conf.RESULT_TTL,
                failure_ttl=conf.RESULT_TTL,
                description=f"{part.execution.job_type} {parts.id_of(part)}",
            )
    except RedisError as error:
        logger.warning("parts stay with their attempt, the queue is away: %s", error)


def dequeue(execution):
    """Take a waiting execution out of the queue; it would not be run anyway."""
    try:
        job = queue_of(execution).fetch_job(str(execution.uuid))
        if job is not None:
            job.cancel()
    except RedisError as error:
        logger.warning("execution %s stays in the queue: %s", execution.uuid, error)


def waiting_ids(name):
    """Return the ids that a queue holds, in their order; not what a worker has taken from it.

    Raises `redis.exceptions.RedisError`.
    """
    return _queue(name).get_job_ids()


def queue_of(execution):
    """Return the queue of an execution; the usual one where the host has dropped its own."""
    return _queue(name_of(execution))


def name_of(execution):
    return served_name(execution.queue)


def served_name(name):
    return name if name in settings.RQ_QUEUES else conf.QUEUE


def is_served(name):
    """Say whether a worker listens to a queue; None where nobody can tell."""
    try:
        return bool(Worker.all(queue=_queue(name)))
    except RedisError:
        return None


def place_of(execution):
    """Return how many wait in its queue up to it, 1 for the next one; None if it is not there."""
    try:
        ids = waiting_ids(name_of(execution))
    except RedisError:
        return None
    return ids.index(str(execution.uuid)) + 1 if str(execution.uuid) in ids else None


def _queue(name):
    # Its own commit mode would defer again, and to the wrong database.
    return django_rq.get_queue(name, commit_mode="auto")


def _after_commits(databases, execution):
    if not databases:
        JobExecution.objects.filter(pk=execution.pk, is_held=True).update(is_held=False)
        enqueue(execution)
        return
    first, *others = databases
    transaction.on_commit(partial(_after_commits, others, execution), using=first)


def _forget(queue, job_id):
    """Remove what RQ knows of an earlier delivery; its time to live would end the new one, too."""
    taken = queue.intermediate_queue
    taken.remove(job_id)
    queue.connection.delete(taken.get_first_seen_key(job_id))
    job = queue.fetch_job(job_id)
    if job is not None:
        job.delete()
