"""What keeps the rows true though processes die: reap, call up, redeliver.

Every worker does it every few seconds; it needs no cron. All of it is safe to be done twice.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, connections, router, transaction
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
MISSED_FOR = 2  # seconds; what a worker has taken from the queue is started in less


@dataclass
class Memory:
    """What a process that does the upkeep remembers from one look to the next."""

    missed: dict = field(default_factory=dict)  # what waits and was in no queue, since when
    blind_until: float = 0.0  # on the monotonic clock

    def be_blind(self):
        """Reap nobody for a while: who could not reach the database, as we, could not beat."""
        self.blind_until = time.monotonic() + conf.DEAD_AFTER


def keep_up(memory):
    """Do everything that is due."""
    if time.monotonic() >= memory.blind_until:
        reap()
    call_up()
    redeliver(memory.missed)
    forget_held()


def reap():
    """End, or restart, the executions whose process has given no sign of life."""
    silent = Now() - timedelta(seconds=conf.DEAD_AFTER)
    still = {"heartbeat_at__lt": silent}  # A sign of life in between saves it.
    for execution in _unlocked(JobExecution.objects.running().filter(**still)):
        logger.warning("execution %s is dead since %s", execution.uuid, execution.heartbeat_at)
        try:
            outcomes.lose(execution, "lost", _lost, when=still)
        except OperationalError as error:  # Who stores a file of it meanwhile was in the way.
            logger.warning("execution %s is looked at again: %s", execution.uuid, error)


def call_up():
    """Hand over again what waits for a slot that has become free."""
    for execution in slots.next_in_line():
        rows = JobExecution.objects.filter(pk=execution.pk, is_waiting_for_slot=True)
        # Of the workers that see it, one hands it over: who is first to say so.
        if rows.update(is_waiting_for_slot=False, delivered_at=Now()):
            queue.enqueue(execution, at_front=True)


def redeliver(missed):
    """Hand over again what waits in its row and is not in its queue, at two looks in a row.

    As after a flushed Redis, a worker that died between taking and starting, or a Redis that was
    away at the launch. What was given back by a restart is handed over at the first look.
    `missed` tells when the caller's earlier looks began to miss something; it is kept up to date.
    """
    now, absent = time.monotonic(), _absent()
    for key in missed.keys() - absent.keys():
        del missed[key]
    for key, was_given_back in absent.items():
        since = missed.setdefault(key, now)
        if was_given_back or now - since >= MISSED_FOR:
            del missed[key]
            for execution in JobExecution.objects.filter(pk=key[0]):
                hand_over(execution)


def hand_over(execution):
    """Hand an execution over again, unless another worker does it in this moment."""
    long_ago = Now() - timedelta(seconds=MISSED_FOR)
    rows = _waiting().filter(Q(delivered_at=None) | Q(delivered_at__lt=long_ago), pk=execution.pk)
    if rows.update(delivered_at=Now()):
        queue.enqueue(execution)


def _absent():
    """Return the primary key and last delivery of all that waits and is not in its queue.

    Each with whether it was given back. Plain values: there may be a hundred thousand.
    """
    by_queue, absent = {}, {}
    columns = ("queue", "uuid", "pk", "delivered_at", "attempt")
    for name, *waiting in _waiting().order_by("pk").values_list(*columns).iterator():
        by_queue.setdefault(queue.served_name(name), []).append(waiting)
    for name, rows in by_queue.items():
        try:
            held = set(queue.waiting_ids(name))
        except RedisError as error:
            logger.warning("queue %s is away: %s", name, error)
            continue
        for uuid, pk, delivered_at, attempt in rows:
            if str(uuid) not in held:
                absent[pk, delivered_at] = bool(attempt) and delivered_at is None
    return absent


def _unlocked(rows):
    """Leave out what a process has locked: where that is frozen, all others would wait for it."""
    database = router.db_for_write(JobExecution)
    if not connections[database].features.has_select_for_update_skip_locked:
        return rows[:AT_ONCE]
    with transaction.atomic(using=database):
        return list(rows.using(database).select_for_update(skip_locked=True)[:AT_ONCE])


def _waiting():
    """Return what waits for a worker and for nothing else."""
    return JobExecution.objects.filter(
        status=Status.STARTING, is_held=False, is_waiting_for_slot=False
    )


def forget_held():
    """Delete what was launched within a transaction that never came to its commit."""
    old = Now() - timedelta(seconds=LONGEST_TRANSACTION)
    for execution in JobExecution.objects.filter(is_held=True, created_at__lt=old)[:AT_ONCE]:
        for file in execution.files.all():
            file.file.delete(save=False)
        execution.delete()


def _lost():
    return _("The process that ran this operation gave no sign of life any more.")
