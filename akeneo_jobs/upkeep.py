"""What keeps the rows true though processes die: reap, call up, redeliver.

Every worker does it every few seconds; it needs no cron. All of it is safe to be done twice.
"""

import logging
from datetime import timedelta

from django.db import connections, router, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from akeneo_jobs import outcomes, queue, slots
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status

logger = logging.getLogger(__name__)

AT_ONCE = 500  # executions looked at in one round
LONGEST_TRANSACTION = 3600  # seconds after which a launch's transaction was surely rolled back
IN_BETWEEN = 10  # seconds in which a delivery may be neither in the queue nor started


def keep_up():
    """Do everything that is due."""
    reap()
    call_up()
    redeliver()
    forget_held()


def reap():
    """End, or restart, the executions whose process has given no sign of life."""
    silent = Now() - timedelta(seconds=conf.DEAD_AFTER)
    still = {"heartbeat_at__lt": silent}  # A sign of life in between saves it.
    for execution in _unlocked(JobExecution.objects.running().filter(**still)):
        logger.warning("execution %s is dead since %s", execution.uuid, execution.heartbeat_at)
        outcomes.lose(execution, "lost", _lost, when=still)


def call_up():
    """Hand over again what waits for a slot that has become free."""
    for execution in slots.next_in_line():
        rows = JobExecution.objects.filter(pk=execution.pk, is_waiting_for_slot=True)
        # Of the workers that see it, one hands it over: who is first to say so.
        if rows.update(is_waiting_for_slot=False, delivered_at=Now()):
            queue.enqueue(execution, at_front=True)


def redeliver():
    """Hand over again what waits in its row and is not in the queue.

    As after a flushed Redis, a worker that died between taking and starting, a Redis that was away
    at the launch, or a restart.
    """
    by_queue = {}
    for execution in _due().order_by("pk").iterator(chunk_size=AT_ONCE):
        by_queue.setdefault(queue.name_of(execution), []).append(execution)
    for name, executions in by_queue.items():
        try:
            held = set(queue.waiting_ids(name))
        except RedisError as error:
            logger.warning("queue %s is away: %s", name, error)
            continue
        for execution in executions:
            # Of the workers that see it, one hands it over: who is first to say so.
            if str(execution.uuid) not in held and _due().filter(pk=execution.pk).update(
                delivered_at=Now()
            ):
                queue.enqueue(execution)


def _unlocked(rows):
    """Leave out what a process has locked: where that is frozen, all others would wait for it."""
    database = router.db_for_write(JobExecution)
    if not connections[database].features.has_select_for_update_skip_locked:
        return rows[:AT_ONCE]
    with transaction.atomic(using=database):
        return list(rows.using(database).select_for_update(skip_locked=True)[:AT_ONCE])


def _due():
    """Return what waits and was not delivered, or so long ago that it could have been lost."""
    now = Now()
    never = Q(delivered_at=None, created_at__lt=now - timedelta(seconds=IN_BETWEEN))
    restarted = Q(delivered_at=None, attempt__gt=0)
    long_ago = Q(delivered_at__lt=now - timedelta(seconds=IN_BETWEEN))
    waiting = JobExecution.objects.filter(
        status=Status.STARTING, is_held=False, is_waiting_for_slot=False
    )
    return waiting.filter(never | restarted | long_ago)


def forget_held():
    """Delete what was launched within a transaction that never came to its commit."""
    old = Now() - timedelta(seconds=LONGEST_TRANSACTION)
    for execution in JobExecution.objects.filter(is_held=True, created_at__lt=old)[:AT_ONCE]:
        for file in execution.files.all():
            file.file.delete(save=False)
        execution.delete()


def _lost():
    return _("The process that ran this operation gave no sign of life any more.")
