"""The beat: what a running attempt has in memory goes out, what people asked for comes in.

Numbers are counted in memory and written once a second, from a thread with a database connection
of its own. So progress is visible while the job's code holds a transaction, the heartbeat goes on
while that code blocks, and an item costs no query. A job shorter than one beat never opens the
second connection.
"""

import logging
import threading
from collections import deque

from django.db import connections, router, transaction
from django.utils import timezone

from akeneo_jobs.conf import conf
from akeneo_jobs.exceptions import AttemptReplaced, PauseRequested, StopRequested
from akeneo_jobs.models import JobExecution, StepWarning
from akeneo_jobs.statuses import RUNNING, Status

logger = logging.getLogger(__name__)

ORDERS = {Status.STOPPING: StopRequested, Status.PAUSING: PauseRequested}
WARNINGS_PER_INSERT = 500


class Tally:
    """What the attempt counts in memory, for the step that it is at."""

    def __init__(self, earlier_warnings=0):
        self.processed = 0
        self.total = None
        self.counts = {}
        self.warning_count = 0
        self.earlier_warnings = earlier_warnings  # of the steps before
        self.warnings = deque()  # StepWarning rows not written yet
        self.order = None  # an Interruption class, once somebody asked or the attempt is stale

    def numbers(self):
        """Return the columns that a beat writes to the execution's row."""
        return {
            "processed": self.processed,
            "total": self.total,
            "counts": dict(self.counts),
            "warning_count": self.earlier_warnings + self.warning_count,
            "heartbeat_at": timezone.now(),
        }


class Beat:
    """The connection between one attempt and its row; every write is fenced by the attempt."""

    def __init__(self, execution, log):
        self.execution_pk = execution.pk
        self.attempt = execution.attempt
        self.log = log
        self.tally = Tally()
        self._ended = threading.Event()
        self._thread = None

    def start(self):
        # A row written inside an open transaction is invisible to any other connection.
        if connections[router.db_for_write(JobExecution)].in_atomic_block:
            return
        self._thread = threading.Thread(target=self._loop, name="akeneo-jobs-beat", daemon=True)
        self._thread.start()

    def end(self):
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def fence(self):
        """Lock the row for this attempt; to be called inside a transaction.

        Raises `AttemptReplaced` where the execution is no longer this attempt's.
        """
        if not self._rows().filter(status__in=RUNNING).update(heartbeat_at=timezone.now()):
            raise AttemptReplaced

    def save(self):
        """Write the numbers and the waiting warnings; read what was asked for."""
        batch = list(self._take_warnings())
        try:
            with transaction.atomic():
                self._save_numbers()
                if self.tally.order is not AttemptReplaced:
                    StepWarning.objects.bulk_create(batch, WARNINGS_PER_INSERT)
        except BaseException:
            self.tally.warnings.extendleft(reversed(batch))
            raise

    def _save_numbers(self):
        numbers = self.tally.numbers()
        if self._rows().filter(status=Status.STARTED).update(**numbers):
            return
        status = self._rows().filter(status__in=RUNNING).values_list("status", flat=True).first()
        self.tally.order = ORDERS.get(status, AttemptReplaced)
        if status is not None:
            self._rows().filter(status__in=RUNNING).update(**numbers)

    def _rows(self):
        return JobExecution.objects.filter(pk=self.execution_pk, attempt=self.attempt)

    def _take_warnings(self):
        # Bounded by the length now: the job's thread may append while this one takes.
        for _ in range(len(self.tally.warnings)):
            yield self.tally.warnings.popleft()

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
            self.save()
            if is_log_due:
                self.log.save(self.fence)
        except AttemptReplaced:
            self.tally.order = AttemptReplaced
        except Exception as error:  # A beat that ends would look like a dead worker.
            logger.warning("beat of execution %s delayed: %s", self.execution_pk, error)
            connections.close_all()
