"""Dry run: the same steps, and everything that they write is rolled back.

All steps run in one transaction, so a later item finds what an earlier one has created. What was
counted, warned and shown stays in memory until that transaction is undone, and is written then.
"""

from contextlib import ExitStack, contextmanager

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from akeneo_jobs.conf import conf
from akeneo_jobs.context import StepContext
from akeneo_jobs.statuses import Status
from akeneo_jobs.step_warnings import WarningStore
from akeneo_jobs.tally import DryTally


class DryRun:
    """The steps of one attempt, run for their report only."""

    def __init__(self, beat, execution, log):
        self.beat = beat
        self.execution = execution
        self.log = log
        self.row = None  # of the step that it is at
        self._runs = []  # the row and the tally of each step

    def run(self, steps, values):
        """Run the steps; whatever ends them is raised when all is undone and the report written."""
        self._rows = list(self.execution.steps)
        self._begin_anew()
        ending = None
        with transaction.atomic(using=self.beat.database):
            try:
                with self._undone():
                    self._run_steps(steps, values)
            except BaseException as error:
                ending = error
            self._save()
        for _row, tally in self._runs:
            tally.warnings.save_file(self.beat.fence)
            tally.warnings.close()
        if ending is not None:
            raise ending

    def _begin_anew(self):
        """Forget what an attempt has counted that gave way."""
        with transaction.atomic(using=self.beat.database):
            self.beat.fence()
            for row in self._rows:
                row.begin_anew()

    @contextmanager
    def _undone(self):
        """Undo what the block writes, to whichever database."""
        with ExitStack() as stack:
            for alias in connections:
                stack.enter_context(transaction.atomic(using=alias))
            yield
            for alias in connections:
                transaction.set_rollback(True, using=alias)

    def _run_steps(self, steps, values):
        for row, step in zip(self._rows, steps, strict=True):
            if self.beat.asked:
                raise self.beat.asked
            self._begin(row)
            context = StepContext(self.execution, row, values, self.beat, self.log)
            try:
                step.run(context)
            finally:
                context.close_outputs(keep=False)
            row.status, row.ended_at = Status.COMPLETED, timezone.now()
        self.row = None

    def _begin(self, row):
        self.row = row
        row.status, row.started_at = Status.STARTED, timezone.now()
        tally = DryTally(sum(tally.warning_count for _row, tally in self._runs))
        kept = sum(tally.warnings.kept for _row, tally in self._runs)
        tally.warnings = WarningStore(row, conf.WARNINGS_KEPT - kept)
        tally.be_at(row.position, row.started_at)
        tally.mark()
        self._runs.append((row, tally))
        self.beat.tally = tally  # The one before is still to be written.
        self.log.info(_("Step %(step)s started"), {"step": row})

    def _save(self):
        self.beat.fence()
        for row, tally in self._runs:
            tally.warnings.take().write()
            vars(row).update(tally.numbers(), preview=tally.preview.shown)
            row.save()
        self.beat.save()
