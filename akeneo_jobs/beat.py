"""The beat: what a running attempt has in memory goes out, what people asked for comes in.

Numbers are counted in memory and written once a second, from a thread with a database connection
of its own. So progress is visible while the job's code holds a transaction, the heartbeat goes on
while that code blocks, and an item costs no query. A job shorter than one beat never opens the
second connection.
"""

import logging
import threading
import time

from django.db import connections, router, transaction
from django.db.models.functions import Now

from akeneo_jobs.conf import conf
from akeneo_jobs.exceptions import (
    AttemptReplaced,
    PauseRequested,
    StopRequested,
    TimeLimitReached,
)
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import RUNNING, Status

logger = logging.getLogger(__name__)

ORDERS = {Status.STOPPING: StopRequested, Status.PAUSING: PauseRequested}


class Tally:
    """What the attempt counts in memory, for the step that it is at."""

    def __init__(self, earlier_warnings=0):
        self.processed = 0
        self.total = None
        self.counts = {}
        self.warnings = None  # a WarningStore, once the step is known
        self.earlier_warnings = earlier_warnings  # of the other steps
        self.order = None  # an Interruption class, once the code must end
        self.is_torn = False  # True: it counts what was rolled back, too

    @classmethod
    def of(cls, step, earlier_warnings):
        """Continue with the numbers of a step."""
        tally = cls(earlier_warnings)
        tally.processed, tally.total, tally.counts = step.processed, step.total, dict(step.counts)
        return tally

    @property
    def warning_count(self):
        return self.warnings.count if self.warnings else 0

    def numbers(self):
        """Return what a step keeps of its numbers."""
        return {
            "processed": self.processed,
            "total": self.total,
            "counts": dict(self.counts),
            "warning_count": self.warning_count,
        }


class Beat:
    """The connection between one attempt and its row; every write is fenced by the attempt.

    `overdue(order)` is called, in the beat's thread, when an order was not obeyed in time. With
    `holds_warnings`, warnings are written by checkpoints only, so that a restart repeats none.
    """

    def __init__(self, execution, log, *, holds_warnings=False, timeout=None, overdue=None):
        self.execution_pk = execution.pk
        self.attempt = execution.attempt
        self.log = log
        self.tally = Tally()
        self.database = router.db_for_write(JobExecution)
        self._holds_warnings = holds_warnings
        self._timeout = timeout  # seconds
        self._overdue = overdue
        self._began = self._ordered = time.monotonic()
        self._ended = threading.Event()
        self._thread = None

    def start(self):
        # A row written inside an open transaction is invisible to any other connection.
        if connections[self.database].in_atomic_block:
            return
        self._thread = threading.Thread(target=self._loop, name="akeneo-jobs-beat", daemon=True)
        self._thread.start()

    def end(self):
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def begin_step(self, tally):
        """Count for another step; an order that was given stands."""
        if self.tally.warnings:
            self.tally.warnings.close()
        tally.order = self.tally.order
        self.tally = tally

    def order(self, interruption):
        """Ask the running code to end at its next item."""
        if self.tally.order is None:
            self._ordered = time.monotonic()
        if self.tally.order is not AttemptReplaced:
            self.tally.order = interruption

    def fence(self):
        """Lock the row for this attempt; to be called inside a transaction.

        Raises `AttemptReplaced` where the execution is no longer this attempt's.
        """
        if not self._rows().filter(status__in=RUNNING).update(heartbeat_at=Now()):
            raise AttemptReplaced

    def save(self, *, with_warnings=True):
        """Write the numbers, and the warnings that wait; read what was asked for."""
        batch = self.tally.warnings.take() if with_warnings and self.tally.warnings else None
        try:
            with transaction.atomic(using=self.database):
                self._save_numbers()
                if batch and self.tally.order is not AttemptReplaced:
                    batch.write()
        except BaseException:
            if batch:
                self.tally.warnings.give_back(batch)
            raise

    def save_step(self, step, **values):
        """Write a step's numbers and warnings and more of its columns, in one transaction.

        Inside the caller's transaction where there is one. Raises `AttemptReplaced`.
        """
        values = {**self.tally.numbers(), **values}
        batch = self.tally.warnings.take()
        try:
            with transaction.atomic(using=self.database):
                self.fence()
                batch.write()
                type(step).objects.filter(pk=step.pk).update(**values)
        except BaseException:
            self.tally.warnings.give_back(batch)
            raise
        for name, value in values.items():  # Not before: what was not written is not so.
            setattr(step, name, value)

    def _save_numbers(self):
        tally = self.tally
        numbers = tally.numbers() | {"heartbeat_at": Now()}
        numbers["warning_count"] += tally.earlier_warnings
        if self._rows().filter(status=Status.STARTED).update(**numbers):
            return
        status = self._rows().filter(status__in=RUNNING).values_list("status", flat=True).first()
        self.order(ORDERS.get(status, AttemptReplaced))
        if status is not None:
            self._rows().filter(status__in=RUNNING).update(**numbers)

    def _rows(self):
        rows = JobExecution.objects.using(self.database)
        return rows.filter(pk=self.execution_pk, attempt=self.attempt)

    def _loop(self):
        since_log = 0.0
        while not self._ended.wait(interval := conf.BEAT_INTERVAL):
            since_log += interval
            is_log_due = since_log >= conf.LOG_INTERVAL
            self._tick(is_log_due)
            since_log = 0.0 if is_log_due else since_log
        connections.close_all()

    def _tick(self, is_log_due):
        """Save; a database or storage that is busy or away for a moment only delays it."""
        try:
            self.save(with_warnings=not self._holds_warnings)
            if is_log_due:
                self.log.save(self.fence)
        except AttemptReplaced:
            self.order(AttemptReplaced)
        except Exception as error:  # A beat that ends would look like a dead worker.
            logger.warning("beat of execution %s delayed: %s", self.execution_pk, error)
            connections.close_all()
        self._look_at_the_clock()

    def _look_at_the_clock(self):
        now = time.monotonic()
        if self._timeout is not None and now - self._began > self._timeout:
            self.order(TimeLimitReached)
        if self.tally.order and self._overdue and now - self._ordered > conf.STOP_AFTER:
            self._overdue(self.tally.order)
