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
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.statuses import RUNNING, Status
from akeneo_jobs.tally import Tally

logger = logging.getLogger(__name__)

# An attempt that died leaves its parts to go on.
UNDER_WAY = frozenset({Status.STARTED, Status.STARTING})
ORDERS = {Status.STOPPING: StopRequested, Status.PAUSING: PauseRequested}


class Beat:
    """The connection between one attempt and its row; every write is fenced by the attempt.

    `overdue(order)` is called, in the beat's thread, when an order was not obeyed in time. With
    `holds_warnings`, warnings are written by checkpoints only, so that what is done again repeats
    none.
    """

    def __init__(self, execution, log, *, timeout=None, overdue=None):
        self.execution_pk = execution.pk
        self.attempt = execution.attempt
        self.log = log
        self.tally = Tally.before(execution)
        self.asked = None  # an Interruption class, once the running code must end
        self.database = router.db_for_write(JobExecution)
        self.holds_warnings = execution.is_dry_run
        self.is_dry = execution.is_dry_run
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
        """Count for another step, and have done with the one before."""
        before, self.tally = self.tally, tally
        if before.warnings:
            before.warnings.close()

    def order(self, interruption):
        """Ask the running code to end at its next item."""
        if self.asked is None:
            self._ordered = time.monotonic()
        if self.asked is not AttemptReplaced:
            self.asked = interruption

    def fence(self):
        """Lock the row for this attempt; to be called inside a transaction.

        Raises `AttemptReplaced` where the execution is no longer this attempt's.
        """
        if not self._rows().filter(status__in=RUNNING).update(heartbeat_at=Now()):
            raise AttemptReplaced

    def save(self, *, is_tick=False):
        """Write the numbers, and the warnings that wait; read what was asked for.

        The warnings are taken once the row is locked, so of two threads that write them none has
        older ones than the other has written. A tick leaves alone those that are held.
        """
        store, batch = self.tally.warnings, None
        try:
            with transaction.atomic(using=self.database):
                self._save_numbers()
                is_held = is_tick and self.holds_warnings
                if store and not is_held and self.asked is not AttemptReplaced:
                    batch = store.take()
                    batch.write()
        except BaseException:
            if batch:
                store.give_back(batch)
            raise

    def save_chunk(self, step, checkpoint):
        """Write what a chunk counted, with its checkpoint; a dry run keeps all of it in memory."""
        if not self.is_dry:
            self.save_step(step, checkpoint=checkpoint)
            self.holds_warnings = True  # From now on some could not be taken back.

    def save_step(self, step, **values):
        """Write a step's numbers and warnings and more of its columns, in one transaction.

        Inside the caller's transaction where there is one. Raises `AttemptReplaced`.
        """
        store, batch = self.tally.warnings, None
        values = {**self.tally.numbers(), **values}
        try:
            with transaction.atomic(using=self.database):
                self.fence()
                batch = store.take()
                batch.write()
                type(step).objects.filter(pk=step.pk).update(**values)
        except BaseException:
            if batch:
                store.give_back(batch)
            raise
        for name, value in values.items():  # Not before: what was not written is not so.
            setattr(step, name, value)

    def _save_numbers(self):
        numbers = self.tally.row() | {"heartbeat_at": Now()}
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
        self._try(lambda: self.save(is_tick=True))
        if is_log_due and self.log is not None:
            self._try(lambda: self.log.save(self.fence))
        self._try(self._look_at_the_clock)

    def _try(self, act):
        try:
            act()
        except AttemptReplaced:
            self.order(AttemptReplaced)
        except Exception as error:  # A beat that ends would look like a dead worker.
            logger.warning("beat of execution %s delayed: %s", self.execution_pk, error)
            connections.close_all()

    def _look_at_the_clock(self):
        now = time.monotonic()
        if self._timeout is not None and now - self._began > self._timeout:
            self.order(TimeLimitReached)
        if self.asked and self._overdue and now - self._ordered > conf.STOP_AFTER:
            self._overdue(self.asked)


class PartBeat(Beat):
    """The connection between a part and its row; a part obeys what was asked of its execution.

    Its numbers go out with its chunks, so that a part which is done again counts nothing twice.
    """

    def __init__(self, part, log=None, *, overdue=None):
        super().__init__(part.execution, log, overdue=overdue)
        self.part = part
        self.part_attempt = part.attempt
        self.holds_warnings = True
        self.leader = None  # the Beat of the attempt, where it does the part itself

    def fence(self):
        if not self._parts().update(heartbeat_at=Now()):
            raise AttemptReplaced

    def _save_numbers(self):
        if not self._parts().update(heartbeat_at=Now()):
            self.order(AttemptReplaced)
            return
        if self.leader is not None and self.leader.asked:
            self.order(self.leader.asked)
            return
        rows = JobExecution.objects.using(self.database).filter(pk=self.execution_pk)
        status = rows.values_list("status", flat=True).first()
        if status not in UNDER_WAY:
            self.order(ORDERS.get(status, AttemptReplaced))

    def _parts(self):
        rows = StepExecution.objects.using(self.database)
        return rows.filter(pk=self.part.pk, attempt=self.part_attempt, status=Status.STARTED)
