"""What a worker does with an execution: start it, and make an attempt at it."""

import logging

from django.db.models.functions import Now
from django.utils import timezone, translation

from akeneo_jobs import slots
from akeneo_jobs.attempt import Attempt
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.hooks import call_hook
from akeneo_jobs.models import JobExecution

logger = logging.getLogger(__name__)

current = None  # the Attempt that this process is at
can_be_killed = False  # True in a work-horse, which exists for one execution only


def run(pk):
    """Run the execution with this primary key, once: a second delivery finds it taken."""
    global current
    execution = JobExecution.objects.select_related("user").filter(pk=pk).first()
    if execution is None:
        logger.warning("execution %s does not exist any more", pk)
        return
    with translation.override(execution.language or None):
        try:
            _start(execution)
        except InvalidTransition:
            return  # Delivered twice, stopped while it waited, or waiting for a slot.
        current = Attempt(execution, can_be_killed=can_be_killed)
        try:
            current.run()
        finally:
            current = None


def give_way():
    """Let the operation that this process is at continue elsewhere, where it can."""
    if current is not None:
        current.give_way()


def _start(execution):
    started_at = execution.started_at or timezone.now()
    slots.start(execution, started_at=started_at, heartbeat_at=Now())
    call_hook(execution, "started")
