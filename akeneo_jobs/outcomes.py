"""How an execution ends: status, step and notifications in one transaction, whoever ends it."""

import logging
from contextlib import nullcontext

from django.db import router, transaction
from django.db.models import F
from django.utils import timezone, translation

from akeneo_jobs import rejects
from akeneo_jobs.conf import conf
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.hooks import call_hook
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.notifications import notify
from akeneo_jobs.plain import clean_text
from akeneo_jobs.statuses import FINISHED, RUNNING, Status

logger = logging.getLogger(__name__)


def end(execution, verb, *, attempt=None, failure=None, ended_at=None, when=None):
    """End or pause an execution by a verb of `TRANSITIONS`, and its running step with it.

    `failure` is what `failure` below returns; `when` holds more conditions on the row.
    Raises `InvalidTransition` where it has been ended, or taken, by somebody else.
    """
    ended_at = ended_at or timezone.now()
    values = _noted(execution, failure)
    if failure:
        values["error_count"] = F("error_count") + 1
    with transaction.atomic(using=router.db_for_write(JobExecution)):
        execution.apply(verb, attempt=attempt, when=when, **values)
        if execution.status in FINISHED:
            JobExecution.objects.filter(pk=execution.pk).update(ended_at=ended_at)
            execution.ended_at = ended_at
        _end_running_step(execution, ended_at, bool(failure))
        notify(execution)
    if execution.status in FINISHED:
        call_hook(execution, "finished")


def restart(execution, *, attempt, note=None, when=None):
    """Give an execution back to the queue, to continue after its last checkpoint.

    With a `note`, a failure that led to it, this counts as one of its restarts.
    Raises `InvalidTransition`.
    """
    values = _noted(execution, note)
    if note:
        values["restarts"] = F("restarts") + 1
    execution.apply("restart", attempt=attempt, when=when, delivered_at=None, **values)


def lose(execution, cause, reason, *, when=None):
    """Write down that the process of an execution is gone; what was asked of it is done.

    A restartable execution continues, so often as RESTARTS says.
    """
    lost = {"attempt": execution.attempt, "when": when}
    with translation.override(execution.language or None):
        note = failure(cause, reason(), attempt=execution.attempt)
    try:
        if execution.status == Status.STARTING:
            _lose_unstarted(execution, note)
        elif execution.status == Status.STOPPING:
            end(execution, "stop", ended_at=execution.heartbeat_at, **lost)
        elif execution.status == Status.PAUSING:
            end(execution, "pause", **lost)
        elif execution.is_restartable and execution.restarts < conf.RESTARTS:
            restart(execution, note=note, **lost)
        else:
            end(execution, "fail", failure=note, ended_at=execution.heartbeat_at, **lost)
    except InvalidTransition:
        return  # It ended by itself, or somebody else has noticed.
    if execution.status in FINISHED:
        store_rejects(execution)


def _lose_unstarted(execution, note):
    """Give back what no process has begun, whatever its job type; RESTARTS says how often."""
    same = {"attempt": execution.attempt, "when": {"is_waiting_for_slot": False}}
    if execution.restarts >= conf.RESTARTS:
        return end(execution, "abandon", failure=note, **same)
    values = {"restarts": F("restarts") + 1, "delivered_at": None, **_noted(execution, note)}
    return execution.apply("redeliver", **same, **values)


def failure(cause, reason, *, step=None, attempt=None):
    """Put a failure into the form in which a row keeps it."""
    return {
        "cause": cause,
        "reason": str(reason),
        "step": str(step) if step else None,
        "attempt": attempt,
    }


def store_rejects(execution):
    """Offer what the dead process has refused; a storage that is away does not change the end."""
    try:
        rejects.store_files(execution, fence=nullcontext)
    except Exception:
        logger.exception("the rejects of %s could not be stored", execution.uuid)


def in_words(error):
    """Name an unexpected error in one line; the traceback is in the log."""
    text = clean_text(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _noted(execution, failure):
    return {"failures": [*execution.failures, failure]} if failure else {}


def _end_running_step(execution, ended_at, has_failed):
    """Give the running step the execution's status, and the execution the sum of its warnings.

    A step with a checkpoint has the numbers that were committed with it; another gets those that
    were saved last. Processes that still run parts of a step can write nothing any more.
    """
    steps = list(execution.steps)
    for step in steps:
        if step.status not in RUNNING:
            continue
        _take_last_numbers(step, execution)
        step.status = execution.status
        step.ended_at = ended_at if execution.status in FINISHED else None
        step.error_count += has_failed
        step.save()
    if steps:
        execution.warning_count = sum(step.warning_count for step in steps)
        execution.save(update_fields=["warning_count"])
        execution.all_steps.release()


def _take_last_numbers(step, execution):
    """Take what a process has left behind; warnings that died with it are no more counted."""
    if StepExecution.objects.parts_of(step).exists():
        vars(step).update(step.joined_numbers())
    elif step.checkpoint is None and execution.current_step == step.position:
        step.take_numbers_of(execution)
        step.warning_count = step.written_warnings
