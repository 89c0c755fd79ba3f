"""What a worker does: make an attempt at an execution, or run one part of a step."""

import logging
import os
import signal

from django.db.models.functions import Now
from django.utils import timezone, translation

from akeneo_jobs import parts, slots
from akeneo_jobs.attempt import Attempt
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.hooks import call_hook
from akeneo_jobs.inputs import Inputs
from akeneo_jobs.joblog import ExecutionLog, logger_for
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.secrecy import names_for, secrets_among
from akeneo_jobs.statuses import Status

logger = logging.getLogger(__name__)

current = None  # the Attempt or the PartRun that this process is at
gives_way = False  # it was asked to before it was at any
can_be_killed = False  # True in a work-horse, which exists for one execution only
begun = None  # in a work-horse: shared with its worker, the number of the attempt it has begun


def run(pk, *, deliver=None):
    """Run the execution with this primary key, once: a second delivery finds it taken.

    `deliver(parts)` hands the parts of a step to other workers.
    """
    execution = JobExecution.objects.select_related("user", "parent").filter(pk=pk).first()
    if execution is None:
        logger.warning("execution %s does not exist any more", pk)
        return
    if _gave_way():
        return  # Another worker starts it.
    with translation.override(execution.language or None):
        try:
            _start(execution)
        except InvalidTransition:
            return  # Delivered twice, stopped while it waited, or waiting for a slot.
        _be_at(Attempt(execution, can_be_killed=can_be_killed, deliver=deliver))


def run_part(pk):
    """Run the part of a step with this primary key, unless it is done or somebody has it."""
    rows = StepExecution.objects.select_related("execution__user", "execution__parent")
    part = rows.filter(pk=pk, execution__status=Status.STARTED).first()
    if part is None or _gave_way():
        return
    execution = part.execution
    with translation.override(execution.language or None):
        if parts.claim(part):
            _tell(part.attempt)
            part.execution = execution
            _run_claimed(part)


def _run_claimed(part):
    execution = part.execution
    secrets = secrets_among(execution.parameters, names_for(execution))
    handler = ExecutionLog(execution, secrets, part=part)
    inputs = Inputs(execution)
    try:
        _be_at(
            parts.PartRun(
                part,
                inputs.load,
                logger_for(handler),
                handler=handler,
                overdue=_die if can_be_killed else None,
            )
        )
    finally:
        inputs.close()


def give_way():
    """Let the operation that this process is at, or is about to begin, continue elsewhere."""
    global gives_way
    if current is None:
        gives_way = True
    else:
        current.give_way()


def _gave_way():
    """Say, once, whether this process was asked to give way before it was at anything."""
    global gives_way
    did, gives_way = gives_way, False
    return did


def _be_at(work):
    global current
    current = work
    try:
        if _gave_way():
            work.give_way()
        work.run()
    finally:
        current = None


def _tell(number):
    """Tell the worker which attempt its work-horse has begun: what died with it, if it dies."""
    if begun is not None:
        begun.value = number


def _die(order):
    """End the process of a part that does not come to its next item; its silence gives it back."""
    os.kill(os.getpid(), signal.SIGKILL)


def _start(execution):
    started_at = execution.started_at or timezone.now()
    slots.start(execution, started_at=started_at, heartbeat_at=Now())
    _tell(execution.attempt)
    call_hook(execution, "started")
