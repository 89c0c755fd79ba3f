"""Parts: one step, done by several processes at once.

The attempt that comes to the step cuts it, hands the parts to the queue, and does parts itself as
long as there are any: with one worker it does them all. A part belongs to who has claimed its row;
whoever loses it, by a kill or by silence, can write nothing more, and another continues it from its
checkpoint. In the end what the parts have written is joined in their order.
"""

import logging
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from akeneo_jobs import outcomes
from akeneo_jobs.beat import PartBeat
from akeneo_jobs.conf import conf
from akeneo_jobs.context import StepContext
from akeneo_jobs.exceptions import (
    AttemptReplaced,
    GiveWay,
    Interruption,
    JobFailed,
    TimeLimitReached,
)
from akeneo_jobs.models import JobExecution, StepExecution, database
from akeneo_jobs.part_files import join_outputs
from akeneo_jobs.plain import clean_text
from akeneo_jobs.statuses import Status
from akeneo_jobs.step_warnings import WarningStore
from akeneo_jobs.tally import Tally

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
PAUSE = 0.05  # seconds between two looks at what others do
ID = "{uuid}_{position}_{part}"  # RQ takes letters, digits, hyphens and underscores


class PartFailed(Exception):
    """A part failed; brings the failure as its row keeps it."""

    def __init__(self, failure):
        super().__init__(failure["reason"])
        self.failure = failure


def id_of(part):
    """Return the id under which the queue knows a part."""
    return ID.format(uuid=part.execution.uuid, position=part.position, part=part.part)


def find(job_id):
    """Return a queryset of the part that the queue knows by this id; None for other jobs."""
    uuid, *numbers = job_id.split("_")
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        return None
    position, part = map(int, numbers)
    rows = StepExecution.objects.filter(position=position, part=part)
    return rows.filter(execution__in=JobExecution.objects.known_as(uuid))


def lose(rows, attempt):
    """Give back a part whose process is gone; what it has not committed is lost with it."""
    for pk in rows.values_list("pk", flat=True):  # MySQL updates no rows that it joins.
        mine = StepExecution.objects.filter(pk=pk, attempt=attempt, status=Status.STARTED)
        mine.update(status=Status.STARTING)


def claim(part, **leader):
    """Take a part for this process; say whether nobody else was faster, and it is still wanted.

    `leader` may hold the attempt that answers for the step: it claims nothing once it was replaced.
    The lock keeps the execution from ending in the middle: who ends it takes back what is claimed.
    """
    executions = JobExecution.objects.filter(pk=part.execution_id, status=Status.STARTED, **leader)
    with transaction.atomic(using=database()):
        if _locked(executions).values_list("pk").first() is None:
            return False
        silent = Now() - timedelta(seconds=conf.DEAD_AFTER)
        is_free = Q(status=Status.STARTING) | Q(status=Status.STARTED, heartbeat_at__lt=silent)
        rows = StepExecution.objects.filter(is_free, pk=part.pk, attempt=part.attempt)
        values = {"status": Status.STARTED, "attempt": part.attempt + 1}
        started_at = part.started_at or timezone.now()
        if not rows.update(heartbeat_at=Now(), started_at=started_at, failure=None, **values):
            return False
    part.refresh_from_db()
    return True


def _locked(executions):
    """Lock executions, but not their key: who stores a file of a part needs that at its commit."""
    has_weaker_lock = connections[database()].features.has_select_for_no_key_update
    return executions.select_for_update(no_key=has_weaker_lock)


class PartRun:
    """One part that this process has claimed: run to its end, or given back."""

    def __init__(self, part, load, log, *, handler=None, overdue=None):
        self.part = part
        self.load = load  # returns the steps and the typed parameters
        self.log = log
        self.beat = PartBeat(part, handler, overdue=overdue)

    def give_way(self):
        self.beat.order(GiveWay)

    def run(self):
        """Do the part; its row tells how it ended. A database that is away is raised."""
        self._reset()
        self.beat.begin_step(self._tally())
        self.beat.start()
        context = StepContext(self.part.execution, self.part, None, self.beat, self.log)
        try:
            self._run(context)
        finally:
            self.beat.end()
            self.beat.tally.warnings.close()

    def _run(self, context):
        try:
            steps, context.parameters = self.load()
            steps[self.part.position - 1].run(context)
            context.close_outputs(keep=True)
            self._save_files()
            self.beat.save_step(self.part, status=Status.COMPLETED, ended_at=timezone.now())
        except AttemptReplaced:
            logger.warning("part %s was taken over", id_of(self.part))
        except Interruption:
            self._leave(context, status=Status.STARTING)
        except DATABASE_AWAY:
            raise  # Its silence will tell.
        except JobFailed as error:
            self._fail(context, "failed", clean_text(error))
        except Exception as error:
            self.log.exception("%s", type(error).__name__)
            self._fail(context, "error", outcomes.in_words(error))
        finally:
            context.close_outputs(keep=False)

    def _fail(self, context, cause, reason):
        failure = outcomes.failure(cause, reason, step=self.part, attempt=self.part.attempt)
        self._leave(context, status=Status.FAILED, failure=failure)

    def _leave(self, context, **values):
        try:
            context.rollback()  # A chunk that is not committed is not done.
            self._save_files()
            self.beat.save_step(self.part, **values)
        except AttemptReplaced:
            logger.warning("part %s was taken over", id_of(self.part))

    def _save_files(self):
        self.beat.tally.warnings.save_file(self.beat.fence)
        if self.beat.log is not None:
            self.beat.log.save(self.beat.fence)

    def _reset(self):
        """Begin anew where no checkpoint was kept."""
        part = self.part
        if part.checkpoint is None:
            with transaction.atomic(using=self.beat.database):
                self.beat.fence()
                part.begin_anew()

    def _tally(self):
        tally = Tally.of(self.part, 0)
        count = StepExecution.objects.parts_of(self.part).count()
        tally.warnings = WarningStore(self.part, max(1, conf.WARNINGS_KEPT // count), count)
        return tally


class Partition:
    """A step in parts, from the side of the attempt that answers for it."""

    def __init__(self, beat, row, step, load, log):
        self.beat = beat
        self.row = row  # of the whole step
        self.step = step
        self.load = load  # returns the steps and the typed parameters
        self.log = log
        self.parts = StepExecution.objects.parts_of(row)
        self.running = None  # the PartRun that this process is at

    def prepare(self, context):
        """Cut the step, unless an attempt before did; return its parts, none if it stays whole."""
        if not self.parts.exists():
            slices = None if context.is_dry_run else self.step.split(context)
            if slices:
                self._create(slices)
        else:
            self.parts.filter(status=Status.FAILED).update(status=Status.STARTING)
        return list(self.parts.all())

    def give_way(self):
        if self.running is not None:
            self.running.give_way()

    def run(self, deliver=None):
        """Do the parts together with whoever takes them from the queue, and join the results.

        Raises the `Interruption` that ended it, or `PartFailed`.
        """
        self.beat.tally.lead(self.parts, self.row.checkpoint["counts"])
        if deliver is not None:
            deliver(self.parts.filter(status=Status.STARTING))
        try:
            self._work()
        except Interruption as interruption:
            if not isinstance(interruption, (GiveWay, AttemptReplaced)):
                self._see_off(is_patient=not isinstance(interruption, TimeLimitReached))
            raise
        except PartFailed:
            self._see_off(is_patient=False)
            raise
        self._join()

    def _create(self, slices):
        with transaction.atomic(using=self.beat.database):
            StepExecution.objects.bulk_create(
                StepExecution(
                    execution=self.row.execution,
                    position=self.row.position,
                    part=number,
                    name=self.row.name,
                    label=self.row.label,
                    slice=one,
                )
                for number, one in enumerate(slices, start=1)
            )
            counts = dict(self.beat.tally.counts)
            self.beat.save_step(self.row, checkpoint={"parts": len(slices), "counts": counts})

    def _work(self):
        while True:
            self._look()
            part = self._claimed()
            if part is not None:
                self._run(part)
            elif not self.parts.exclude(status=Status.COMPLETED).exists():
                return
            else:
                time.sleep(PAUSE)

    def _look(self):
        """End here if somebody asked for it, or if a part has failed."""
        if self.beat.asked:
            raise self.beat.asked
        failed = self.parts.filter(status=Status.FAILED).first()
        if failed is not None:
            raise PartFailed(failed.failure)

    def _claimed(self):
        silent = Now() - timedelta(seconds=conf.DEAD_AFTER)
        is_lost = Q(status=Status.STARTED, heartbeat_at__lt=silent)
        for part in self.parts.filter(Q(status=Status.STARTING) | is_lost):
            if claim(part, attempt=self.beat.attempt):
                return part
            self.beat.save(is_tick=True)  # Is it still wanted, then?
        return None

    def _run(self, part):
        part.execution = self.row.execution
        self.running = PartRun(part, self.load, self.log)
        self.running.beat.leader = self.beat
        try:
            self.running.run()
        finally:
            self.running = None

    def _join(self):
        warnings = self.beat.tally.warnings
        warnings.join(list(self.parts.all()))  # As they are now.
        warnings.save_file(self.beat.fence)
        join_outputs(self.row, self.step, self.beat.fence)

    def _see_off(self, is_patient):
        """Wait until the others have left their parts; take those that do not leave in time."""
        # Its own process is killed STOP_AFTER behind the order.
        deadline = time.monotonic() + (conf.STOP_AFTER / 2 if is_patient else 0)
        running = self.parts.filter(status=Status.STARTED)
        while running.exists() and time.monotonic() < deadline:
            time.sleep(PAUSE)
        self.parts.release()
