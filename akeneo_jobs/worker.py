"""The worker class for `RQ = {"WORKER_CLASS": "akeneo_jobs.worker.JobWorker"}`."""

import os
import signal
from contextlib import contextmanager

from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _
from rq import Worker

from akeneo_jobs import outcomes
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status

MAINTENANCE_INTERVAL = 30  # seconds between two looks for dead workers
WORKER_TTL = 60  # seconds; also how long an idle worker sleeps at most, plus 15


class JobWorker(Worker):
    """An RQ worker that tells the truth about a work-horse that was killed.

    RQ itself calls nothing when that happens: no callback, no exception handler.
    """

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("maintenance_interval", MAINTENANCE_INTERVAL)
        kwargs["worker_ttl"] = min(kwargs.get("worker_ttl") or WORKER_TTL, WORKER_TTL)
        super().__init__(*args, **kwargs)

    def handle_work_horse_killed(self, job, retpid, ret_val, rusage):
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)
        with private_connections():
            fail_killed(job.id, ret_val, rusage)


@contextmanager
def private_connections():
    """Let the worker's parent process use the database.

    A connection left open here would be shared with every work-horse forked later.
    """
    connections.close_all()
    try:
        yield
    finally:
        connections.close_all()


def fail_killed(uuid, wait_status, rusage=None):
    """Write down that the process of an execution was killed, and by what."""
    execution = JobExecution.objects.running().filter(uuid=uuid).first()
    if execution is None:
        return
    verb, failure = "stop", None
    if execution.status != Status.STOPPING:
        with translation.override(execution.language or None):
            verb, failure = "fail", outcomes.failure("killed", cause_of_death(wait_status, rusage))
    try:
        outcomes.end(
            execution,
            verb,
            attempt=execution.attempt,
            failure=failure,
            ended_at=execution.heartbeat_at,
        )
    except InvalidTransition:
        return  # It ended by itself in the meantime.


def cause_of_death(wait_status, rusage=None):
    """Say in words how a process ended, from the status that `os.waitpid` gave."""
    if wait_status is not None and os.WIFSIGNALED(wait_status):
        number = os.WTERMSIG(wait_status)
        text = _("The worker's process was killed by signal %(number)d (%(name)s).") % {
            "number": number,
            "name": signal.Signals(number).name,
        }
        if number == signal.SIGKILL:
            text += " " + _("Most often this means that the machine ran out of memory.")
    else:
        code = os.waitstatus_to_exitcode(wait_status) if wait_status is not None else "?"
        text = _("The worker's process ended unexpectedly with exit code %(code)s.") % {
            "code": code
        }
    if rusage is not None and rusage.ru_maxrss:
        text += " " + _("It used up to %(size)d MB.") % {"size": rusage.ru_maxrss // 1024}
    return text
