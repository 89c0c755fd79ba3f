"""Slots: how many operations with the same key run at once.

A slot is a value that only one row can have. It is taken in the UPDATE that starts an execution and
given back in the one that ends it, whoever ends it: no lock outlives its holder.
"""

import hashlib
from collections import Counter

from django.db import IntegrityError, router, transaction

from akeneo_jobs import registry
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status

LONGEST_KEY = 120  # characters; with the job type's code it fits its column
AT_ONCE = 500  # executions with the same key that are called up in one round


def key_of(job_type, parameters, profile):
    """Return what limits a launch with these; empty where nothing does."""
    key = job_type.unique_key(parameters, profile)
    if key is None:
        return ""
    if len(key) > LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    return f"{job_type.code}:{key}"


def limit_of(code):
    """Return how many operations with the same key may run at once; None: any number."""
    job_type = registry.find(code)
    return None if job_type is None else job_type.max_running or 1


def start(execution, **values):
    """Apply "start", with a slot where the key needs one.

    Raises `InvalidTransition`; also where no slot is free: then the execution waits for one.
    """
    if not _with_slot(execution, lambda slot: execution.apply("start", slot=slot, **values)):
        rows = JobExecution.objects.filter(pk=execution.pk, attempt=execution.attempt)
        rows.filter(status=Status.STARTING).update(is_waiting_for_slot=True)
        raise InvalidTransition


def claim(execution):
    """Take a slot at the launch already; say whether one was free.

    A launch that another database may still roll back takes none: nobody could give it back.
    """
    if execution.is_held:
        return bool(_free(execution))
    return _with_slot(execution, lambda slot: _hold(execution, slot))


def next_in_line():
    """Yield the executions for which a slot has become free, as many per key as there are."""
    rows = JobExecution.objects.active()
    held = Counter(rows.exclude(slot=None).order_by().values_list("unique_key", flat=True))
    line = rows.filter(status=Status.STARTING, slot=None, is_held=False).order_by("pk")
    waiting = line.filter(is_waiting_for_slot=True).order_by()
    for key, code, queue in waiting.values_list("unique_key", "job_type", "queue").distinct():
        limit = limit_of(code)
        free = AT_ONCE if limit is None else max(0, limit - held[key])
        # Some in front may be on their way already.
        for execution in line.filter(unique_key=key, queue=queue)[:free]:
            if execution.is_waiting_for_slot:
                yield execution


def _with_slot(execution, take):
    """Call `take` with one free slot after the other, until nobody else was faster."""
    for slot in _free(execution):
        try:
            with transaction.atomic(using=router.db_for_write(JobExecution)):
                take(slot)
        except IntegrityError:
            continue
        return True
    return False


def _free(execution):
    """Return the slots that it may take; None is the slot of one that nothing limits."""
    limit = limit_of(execution.job_type)
    if execution.slot or limit is None or not execution.unique_key:
        return [execution.slot]
    key = execution.unique_key
    rows = JobExecution.objects.active().filter(unique_key=key).exclude(slot=None)
    held = set(rows.values_list("slot", flat=True))
    if len(held) >= limit:
        return []
    return [slot for slot in (f"{key}#{number}" for number in range(limit)) if slot not in held]


def _hold(execution, slot):
    execution.slot = slot
    execution.save(update_fields=["slot"])
