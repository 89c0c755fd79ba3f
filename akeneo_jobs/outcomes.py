"""How an execution ends: status, step and notifications in one transaction, whoever ends it."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from akeneo_jobs.hooks import call_hook
from akeneo_jobs.notifications import notify
from akeneo_jobs.statuses import FINISHED, RUNNING


def end(execution, verb, *, attempt=None, failure=None, ended_at=None):
    """End an execution by a verb of `TRANSITIONS`, and its running step with it.

    `failure` is a dict of "step", "cause" (a code) and "reason" (a sentence).
    Raises `InvalidTransition` where it has been ended, or taken, by somebody else.
    """
    ended_at = ended_at or timezone.now()
    values = {"failures": [*execution.failures, failure]} if failure else {}
    if failure:
        values["error_count"] = F("error_count") + 1
    with transaction.atomic():
        execution.apply(verb, attempt=attempt, ended_at=ended_at, **values)
        _end_running_step(execution, ended_at, bool(failure))
        notify(execution)
    if execution.status in FINISHED:
        call_hook(execution, "finished")


def _end_running_step(execution, ended_at, has_failed):
    """Give the running step the last numbers that were saved, and the execution's status."""
    for step in execution.steps_now():
        if step.status in RUNNING:
            step.status = execution.status
            step.ended_at = ended_at
            step.error_count += has_failed
            step.save()


def failure(cause, reason, step=None):
    """Put a failure into the form in which a row keeps it."""
    return {"cause": cause, "reason": str(reason), "step": str(step) if step else None}
