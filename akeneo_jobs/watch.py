"""The watch: a process beside a worker that keeps the rows true, whatever the worker is busy with.

It does the upkeep, and beats for the worker's work-horse as long as that process lives: a job that
holds the interpreter for minutes is not taken for dead.
"""

import logging
import multiprocessing
import os
import signal
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connections
from django.db.models.functions import Now

from akeneo_jobs import parts, upkeep
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import RUNNING

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE = 5  # seconds in which the process may end by itself


class Watch:
    """The worker's end: tells the watching process which work-horse there is.

    `begun` is a number that all of them share: the attempt that the work-horse has begun.
    """

    def __init__(self, begun):
        self._begun = begun
        self._process = None
        self._horse = None
        self.ensure()

    def ensure(self):
        """Start the process, or another one if it is gone."""
        if self._process is not None and self._process.is_alive():
            return
        if self._process is not None:
            logger.warning("the watch was gone; there is another one")
        context = multiprocessing.get_context("fork")
        receiver, self._sender = context.Pipe(duplex=False)
        arguments = (receiver, os.getpid(), self._begun)
        self._process = context.Process(target=_watch, args=arguments, name="akeneo-jobs-watch")
        try:
            self._process.start()
        except OSError as error:  # No memory, perhaps. The worker is needed all the same.
            logger.warning("no watch could be started, it is tried again: %s", error)
            self._process = None
        receiver.close()
        if self._horse is not None:
            self._send(self._horse)

    def hand(self, job_id, pid):
        self._horse = Horse(job_id, pid)
        self._send(self._horse)

    def unhand(self):
        self._horse = None
        self._send(None)

    def end(self):
        self._send("end")
        if self._process is None:
            return
        try:
            self._process.join(PATIENCE)
        finally:
            self._process.kill()

    def _send(self, message):
        try:
            self._sender.send(message)
        except OSError:
            logger.warning("the watch is gone; the next heartbeat starts another one")


@dataclass
class Horse:
    """A work-horse: which execution or part it was forked for, and its process."""

    job_id: str
    pid: int


def _watch(receiver, worker_pid, begun):
    for number in (signal.SIGINT, signal.SIGTERM):  # It ends with its worker, not before.
        signal.signal(number, signal.SIG_IGN)
    connections.close_all()
    horse, memory = None, upkeep.Memory()
    while os.getppid() == worker_pid:
        _keep_up(horse, begun, memory)
        if not receiver.poll(conf.UPKEEP_INTERVAL):
            continue
        while receiver.poll():  # Short jobs send more than there are looks.
            try:
                horse = receiver.recv()
            except EOFError:
                return
            if horse == "end":
                return


def _keep_up(horse, begun, memory):
    try:
        if horse is not None:
            _beat_for(horse, begun.value)
        upkeep.keep_up(memory)
    except DATABASE_AWAY as error:
        logger.warning("the upkeep is delayed: %s", error)
        memory.be_blind()
        connections.close_all()
    except Exception as error:  # A watch that ends would leave lies behind.
        logger.warning("the upkeep is delayed: %s", error)
        connections.close_all()


def _beat_for(horse, attempt):
    """Beat for a living work-horse; only for the attempt that it has begun."""
    rows = parts.find(horse.job_id)
    rows = JobExecution.objects.known_as(horse.job_id) if rows is None else rows
    if attempt and _is_alive(horse.pid):
        rows.filter(status__in=RUNNING, attempt=attempt).update(heartbeat_at=Now())


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # It became somebody else.
        return True
    return True
