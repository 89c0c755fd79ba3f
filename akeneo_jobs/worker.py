"""The worker class for `RQ = {"WORKER_CLASS": "akeneo_jobs.worker.JobWorker"}`."""

import logging
import os
import signal
import time
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import RawValue

from django.db import InterfaceError, OperationalError, connections
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rq import Worker, worker_registration

from akeneo_jobs import outcomes, parts, runner, upkeep
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import RUNNING, Status
from akeneo_jobs.watch import Watch

logger = logging.getLogger(__name__)

MAINTENANCE_INTERVAL = 30  # seconds between two clean-ups of RQ's own registries
WORKER_TTL = 30  # seconds; a dead worker is known to Redis for a minute more
LOOK_INTERVAL = 5  # seconds between two heartbeats, at which the worker looks after its watch
GIVE_WAY = signal.SIGUSR1  # what the worker sends to its work-horse when it shuts down
ORDERS = (GIVE_WAY, signal.SIGTERM)  # a service manager may send the latter to every process
PAUSE = 1  # seconds between two tries while Redis is away


class JobWorker(Worker):
    """An RQ worker whose executions tell the truth.

    It writes down that a work-horse was killed (RQ calls nothing then), keeps a `Watch` beside
    itself, lets restartable operations give way to a deploy, and outlives an absent Redis.
    """

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("maintenance_interval", MAINTENANCE_INTERVAL)
        kwargs["worker_ttl"] = min(kwargs.get("worker_ttl") or WORKER_TTL, WORKER_TTL)
        kwargs["job_monitoring_interval"] = LOOK_INTERVAL
        super().__init__(*args, **kwargs)
        self.watch = None
        self.begun = RawValue("Q", 0)  # The attempt that the work-horse has begun, as it tells.
        self.death = None  # of the work-horse: its wait status and what it used

    @property
    def dequeue_timeout(self):
        return LOOK_INTERVAL

    def work(self, *args, **kwargs):
        self.watch = Watch(self.begun)
        try:
            return super().work(*args, **kwargs)
        finally:
            if not self.is_horse:
                self.watch.end()

    def execute_job(self, job, queue):
        try:
            super().execute_job(job, queue)
        except RedisError as error:  # The row tells the outcome; RQ only forgets the job.
            logger.warning("Redis was away at the end of job %s: %s", job.id, error)
        finally:
            self.watch.unhand()
            self._tell_of_death(job)

    def fork_work_horse(self, job, queue):
        self.watch.ensure()
        self.begun.value = 0
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ORDERS)
        try:
            super().fork_work_horse(job, queue)
        finally:  # In the worker; the work-horse waits until it knows what to do about them.
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.watch.hand(job.id, self.horse_pid)
        if self._stop_requested:  # Before there was a work-horse to be told.
            self._ask_to_give_way()

    def wait_for_horse(self):
        pid, wait_status, rusage = super().wait_for_horse()
        self.death = (wait_status, rusage) if wait_status != os.EX_OK else None
        return pid, wait_status, rusage

    def _tell_of_death(self, job):
        """Write down how the work-horse died: after RQ is done with the job, or with itself."""
        death, self.death = self.death, None
        if death is None:
            return
        try:
            with private_connections():
                lose_killed(job.id, self.begun.value, *death)
        except (OperationalError, InterfaceError) as error:  # Its silence will tell.
            logger.warning("the death of job %s could not be written: %s", job.id, error)

    def handle_warm_shutdown_request(self):
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            self._ask_to_give_way()

    def _ask_to_give_way(self):
        with suppress(ProcessLookupError):  # It has ended in this moment.
            os.kill(self.horse_pid, GIVE_WAY)

    def setup_work_horse_signals(self):
        super().setup_work_horse_signals()
        runner.can_be_killed, runner.begun = True, self.begun
        for number in ORDERS:
            signal.signal(number, lambda *_: runner.give_way())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ORDERS)

    def heartbeat(self, timeout=None, pipeline=None):
        with redis_may_be_away() if pipeline is None else nullcontext():
            super().heartbeat(timeout, pipeline)
            if pipeline is None:  # A flushed Redis has forgotten who works for it.
                worker_registration.register(self)
        if self.watch is not None and not self.is_horse:
            self.watch.ensure()

    def set_state(self, state, pipeline=None):
        with redis_may_be_away() if pipeline is None else nullcontext():
            super().set_state(state, pipeline)

    def maintain_heartbeats(self, job, execution):
        with redis_may_be_away():
            super().maintain_heartbeats(job, execution)

    def run_maintenance_tasks(self):
        with redis_may_be_away():
            super().run_maintenance_tasks()

    def check_for_suspension(self, burst):
        with redis_may_be_away():
            super().check_for_suspension(burst)


@contextmanager
def redis_may_be_away():
    """Go on without Redis; it is asked again soon."""
    try:
        yield
    except RedisError as error:
        logger.warning("Redis is away: %s", error)
        time.sleep(PAUSE)


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


def lose_killed(job_id, attempt, wait_status, rusage=None):
    """Write down that the process of an execution was killed, and by what; hand over what waits.

    `attempt` is the one that the process had begun, 0 for none: another may run meanwhile.
    """
    part = parts.find(job_id)
    if part is not None:
        parts.lose(part, attempt)
        return
    execution = JobExecution.objects.known_as(job_id).first()
    if execution is None:
        return
    if execution.is_finished:
        if execution.attempt == attempt:  # It did not obey: it was ended, then killed.
            outcomes.store_rejects(execution)
        return
    if _died_with(execution, attempt):
        outcomes.lose(execution, "killed", lambda: cause_of_death(wait_status, rusage))
    upkeep.hand_over(execution)


def _died_with(execution, attempt):
    """Say whether an attempt was still to be made or under way when its process died."""
    if execution.status == Status.STARTING:
        return attempt != execution.attempt or not attempt  # Else it was given back before.
    return execution.status in RUNNING and attempt == execution.attempt


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
