"""What a launch does about the operations that are in its way."""

from contextlib import suppress
from functools import partial

from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.utils.translation import gettext as _

from akeneo_jobs import outcomes, queue, registry, slots
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status


def settle(execution, on_conflict):
    """Let a new execution wait, refuse it, or stop what is in its way.

    To be called in the transaction that records it. Raises `ValidationError`.
    """
    if not execution.unique_key:
        return
    if on_conflict == "refuse" and not slots.claim(execution):
        raise ValidationError(_refusal(execution), code="already_running")
    if on_conflict == "replace":
        for other in _too_many(execution):
            _replace(other)


def _refusal(execution):
    """Name what is in the way; who may not list it learns no more than the job type."""
    others = _others(execution).exclude(slot=None).order_by("pk")
    text = _("“%(operation)s” is already under way. Launch it again when it has ended.")
    listed = others.listed_for(execution.user).first()
    if listed is None:
        return text % {"operation": registry.label_of(execution.job_type)}
    return f"{text % {'operation': listed.label}} {listed.get_absolute_url()}"


def _too_many(execution):
    """Return the oldest of the others, as many as must go for this one to have a slot."""
    others = list(_others(execution).exclude(status=Status.STOPPING).order_by("pk"))
    room = slots.limit_of(execution.job_type) - 1
    return others[: max(0, len(others) - room)]


def _others(execution):
    rows = JobExecution.objects.active().filter(unique_key=execution.unique_key)
    return rows.exclude(pk=execution.pk)


def _replace(other):
    """Stop an operation in favour of a newer one: at once while it waits."""
    with suppress(InvalidTransition):  # It has ended by itself.
        try:
            outcomes.end(other, "cancel", when={"status": Status.STARTING})
        except InvalidTransition:
            other.apply("request_stop")
        else:
            database = router.db_for_write(JobExecution)
            transaction.on_commit(partial(queue.dequeue, other), using=database)
        _note(other)


def _note(other):
    reason = _("A newer launch has taken its place.")
    other.failures = [*other.failures, outcomes.failure("replaced", reason, attempt=other.attempt)]
    other.save(update_fields=["failures"])
