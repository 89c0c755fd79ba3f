"""One attempt at an execution: its steps, and its outcome whatever happens."""

import logging
import os
import signal
import time
from contextlib import suppress
from functools import partial

from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from akeneo_jobs import outcomes, part_files, registry, rejects, wording
from akeneo_jobs.beat import Beat
from akeneo_jobs.conf import conf
from akeneo_jobs.context import StepContext
from akeneo_jobs.dry_run import DryRun
from akeneo_jobs.exceptions import (
    AttemptReplaced,
    GiveWay,
    Interruption,
    InvalidTransition,
    JobFailed,
    PauseRequested,
    StopRequested,
    TimeLimitReached,
)
from akeneo_jobs.inputs import Inputs
from akeneo_jobs.items import ItemStep
from akeneo_jobs.joblog import ExecutionLog, logger_for
from akeneo_jobs.models import JobExecution, StepExecution, WarningGroup
from akeneo_jobs.outcomes import in_words
from akeneo_jobs.parts import PartFailed, Partition
from akeneo_jobs.plain import clean_text
from akeneo_jobs.secrecy import names_for, secrets_among
from akeneo_jobs.statuses import Status
from akeneo_jobs.step_warnings import WarningStore
from akeneo_jobs.tally import Tally

logger = logging.getLogger(__name__)

VERBS = {StopRequested: "stop", PauseRequested: "pause", GiveWay: "restart"}
# What people have asked for meanwhile goes before a deploy, and a stop before a pause.
ASKED = {Status.STOPPING: "stop", Status.PAUSING: "pause"}
DATABASE_AWAY = (OperationalError, InterfaceError)
PATIENCE = 60  # seconds in which a database that is away may come back
PAUSE = 1  # seconds between two tries


class Attempt:
    """One attempt at an execution, from its start to its outcome.

    With `can_be_killed`, its process exists for it alone, and ends with it where it must.
    `deliver(parts)` hands the parts of a step to other workers.
    """

    def __init__(self, execution, *, can_be_killed=False, deliver=None):
        self.deliver = deliver
        self.execution = execution
        self.number = execution.attempt
        self.job_type = registry.find(execution.job_type)
        secrets = secrets_among(execution.parameters, names_for(execution))
        self.handler = ExecutionLog(execution, secrets)
        self.log = logger_for(self.handler)
        self.beat = Beat(
            execution,
            self.handler,
            timeout=getattr(self.job_type, "timeout", None),
            overdue=self._end_at_once if can_be_killed else None,
        )
        self.inputs = Inputs(execution)
        self.steps = []
        self.context = None  # of the step
        self.partition = None  # of the step
        self.step = None

    def run(self):
        """Run the steps; whatever happens becomes the outcome of the execution."""
        self.beat.start()
        try:
            self._run_steps()
        except AttemptReplaced:
            logger.warning("attempt %s of %s was replaced", self.number, self.execution.uuid)
        except TimeLimitReached:
            self._end("fail", self._timeout_failure())
        except Interruption as interruption:
            self.log.info(interruption.__doc__)
            self._end(VERBS[type(interruption)])
        except JobFailed as error:
            self.log.error(clean_text(error))
            self._end("fail", self._failure("failed", error))
        except PartFailed as error:
            self.log.error(clean_text(error))
            self._end("fail", self._failure(error.failure["cause"], error))
        except DATABASE_AWAY as error:
            self.log.exception("%s", type(error).__name__)
            verb = "restart" if self._may_restart() else "fail"
            self._end(verb, self._failure("database", in_words(error)))
        except (Exception, SystemExit) as error:
            self.log.exception("%s", type(error).__name__)
            self._end("fail", self._failure("error", in_words(error)))
        else:
            self._end("complete")
        finally:
            self._leave()

    def give_way(self):
        """End at the next item and let another process continue, where the job type can."""
        if not self.execution.is_restartable:
            return
        self.beat.order(GiveWay)
        if self.partition is not None:
            self.partition.give_way()

    def _leave(self):
        self.beat.end()
        self.inputs.close()
        if self.beat.tally.warnings:
            self.beat.tally.warnings.close()

    def _run_steps(self):
        self.steps, values = self.inputs.load()
        self._create_steps()
        if self.execution.is_dry_run:
            self._run_dry(values)
            return
        for position, step in enumerate(self.steps, start=1):
            if self._begin_step(position):
                self._run_step(step, values)
                self._complete_step()
        self.step = None

    def _run_dry(self, values):
        dry_run = DryRun(self.beat, self.execution, self.log)
        try:
            dry_run.run(self.steps, values)
        finally:
            self.step = dry_run.row

    def _create_steps(self):
        """Create the rows of the steps; a restart finds them, and must find the same."""
        found = list(self.execution.steps.values_list("name", flat=True))
        if found and found != [step.name for step in self.steps]:
            raise JobFailed(_("The steps of this operation have changed since it was started."))
        if not found:
            StepExecution.objects.bulk_create(
                StepExecution(
                    execution=self.execution, position=position, name=step.name, label=step.label
                )
                for position, step in enumerate(self.steps, start=1)
            )

    def _begin_step(self, position):
        """Move the row on to the next step, unless somebody asked the operation to end.

        Returns False for a step that an earlier attempt has completed.
        """
        self.step, step = None, self.execution.steps.get(position=position)
        if step.status == Status.COMPLETED:
            self._save_quietly(partial(part_files.tidy, step, self.handler))
            warned = self.execution.steps.aggregate(sum=Sum("warning_count"))["sum"]
            tally = Tally.of(step, warned)
            tally.be_at(position, step.started_at)
            self.beat.begin_step(tally)
            return False
        self.beat.save()
        if self.beat.asked:
            raise self.beat.asked
        now = timezone.now()
        with transaction.atomic(using=self.beat.database):
            self.beat.fence()
            self._reset(step, now)
            tally = self._tally_of(step)
            tally.be_at(position, now)
            self._row().update(**tally.row())  # Its own numbers, from the first moment on.
        self.beat.begin_step(tally)
        self.step = step  # Not before: what is in memory is the step's now.
        # What is written before a checkpoint could not be taken back with it.
        is_chunked = isinstance(self.steps[position - 1], ItemStep)
        self.beat.holds_warnings = is_chunked or self.execution.is_restartable
        self.log.info(_("Step %(step)s started"), {"step": step})
        return True

    def _reset(self, step, now):
        """Keep what was committed with a checkpoint; without one the step starts anew."""
        step.status, step.ended_at, step.error_count = Status.STARTED, None, 0
        step.started_at = step.started_at or now
        step.save() if step.checkpoint is not None else step.begin_anew()

    def _tally_of(self, step):
        others = self.execution.steps.exclude(pk=step.pk)
        tally = Tally.of(step, others.aggregate(sum=Sum("warning_count"))["sum"] or 0)
        groups = WarningGroup.objects.filter(step__execution=self.execution)
        kept = groups.exclude(step=step).aggregate(sum=Sum("kept"))["sum"] or 0
        tally.warnings = WarningStore(step, conf.WARNINGS_KEPT - kept)
        return tally

    def _run_step(self, step, values):
        self.context = StepContext(self.execution, self.step, values, self.beat, self.log)
        try:
            load = partial(tuple, (self.steps, values))
            self.partition = Partition(self.beat, self.step, step, load, self.log)
            if self.partition.prepare(self.context):
                self.partition.run(self.deliver)
            else:
                step.run(self.context)
        except BaseException:
            self.context.close_outputs(keep=False)
            raise
        self.context.close_outputs(keep=True)

    def _complete_step(self):
        self.beat.tally.warnings.save_file(self.beat.fence)
        self.beat.save_step(self.step, status=Status.COMPLETED, ended_at=timezone.now())
        self._save_quietly(partial(part_files.tidy, self.step, self.handler))
        self.log.info(_("Step %(step)s completed: %(counts)s"), self._result())

    def _result(self):
        return {"step": self.step, "counts": wording.counted(self.step.counts)}

    def _end(self, verb, failure=None):
        """Write what is still in memory, then the outcome; nothing if another attempt has it."""
        self.beat.end()
        deadline, tries = time.monotonic() + PATIENCE, len(VERBS)
        while True:
            try:
                return self._write_end(verb, failure)
            except (AttemptReplaced, InvalidTransition):
                tries -= 1
                if tries:
                    continue  # Somebody has asked for something else in this moment, perhaps.
                logger.warning("attempt %s of %s was replaced", self.number, self.execution.uuid)
                return None
            except DATABASE_AWAY:
                if connection.in_atomic_block or time.monotonic() > deadline:
                    raise
                connections.close_all()
                time.sleep(PAUSE)
            except Exception as error:
                logger.exception("what %s counted cannot be written", self.execution.uuid)
                return self._end_with_nothing(error)

    def _end_with_nothing(self, error):
        """End as failed without what is in memory: some of it is nothing that a row can hold."""
        failure = self._failure("error", in_words(error))
        self.execution.refresh_from_db()
        with suppress(InvalidTransition):
            outcomes.end(self.execution, "fail", attempt=self.number, failure=failure)

    def _write_end(self, verb, failure):
        if self._is_done_again(verb, failure):
            self.context.rollback()
        if self.step is not None and self.step.status == Status.STARTED:
            self.beat.save_step(self.step)
            self._save_quietly(self.beat.tally.warnings.save_file)
        self.beat.save()
        self._save_quietly(self._save_rejects)
        self._save_quietly(self.handler.save)
        self.execution.refresh_from_db()
        return self._become(verb, failure)

    def _become(self, verb, failure=None):
        """Write the outcome, or what people have asked for in the place of a restart."""
        if verb in VERBS.values() and self.execution.status in ASKED:
            verb, failure = ASKED[self.execution.status], None
        if verb == "restart":
            return outcomes.restart(self.execution, attempt=self.number, note=failure)
        return outcomes.end(self.execution, verb, attempt=self.number, failure=failure)

    def _is_done_again(self, verb, failure):
        """Say whether what was counted since the last checkpoint is to be taken back."""
        tally = self.beat.tally
        if tally.is_torn:  # The database was away when it was to be taken back.
            return True
        is_last = verb in ("complete", "stop") or (failure and failure["cause"] == "failed")
        if is_last or self.context is None or tally.parts is not None:
            return False
        return self.context.step is self.step and self.step.checkpoint is not None

    def _save_rejects(self, fence):
        rejects.store_files(self.execution, fence)
        rejects.files_of_repaired(self.execution)

    def _end_at_once(self, order):
        """End an operation that does not come to its next item: write the outcome, then die.

        Called in the beat's thread; nothing but a signal stops the thread of the job.
        """
        self.execution.refresh_from_db()
        failure = self._timeout_failure() if order is TimeLimitReached else None
        if order is not AttemptReplaced:
            with suppress(InvalidTransition):
                self._become(VERBS.get(order, "fail"), failure)
        os.kill(os.getpid(), signal.SIGKILL)

    def _save_quietly(self, save):
        """Save a file about the run; a storage that refuses it does not change the outcome."""
        try:
            save(self.beat.fence)
        except DATABASE_AWAY:
            raise
        except Exception:
            logger.exception("a file of %s could not be saved", self.execution.uuid)

    def _may_restart(self):
        return self.execution.is_restartable and self.execution.restarts < conf.RESTARTS

    def _failure(self, cause, reason):
        reason = self.handler.masked(clean_text(reason))
        return outcomes.failure(cause, reason, step=self.step, attempt=self.number)

    def _timeout_failure(self):
        reason = _("It took longer than its time limit of %(seconds)s seconds.")
        return self._failure("timeout", reason % {"seconds": self.job_type.timeout})

    def _row(self):
        return JobExecution.objects.filter(pk=self.execution.pk, attempt=self.number)
