"""What a worker does with an execution: start it, run its steps, write its outcome."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from akeneo_jobs import outcomes, parameters, registry, wording
from akeneo_jobs.beat import Beat, Tally
from akeneo_jobs.context import StepContext
from akeneo_jobs.exceptions import (
    AttemptReplaced,
    Interruption,
    InvalidTransition,
    JobFailed,
    PauseRequested,
    StopRequested,
    UnknownJobType,
)
from akeneo_jobs.hooks import call_hook
from akeneo_jobs.joblog import ExecutionLog, logger_for
from akeneo_jobs.models import JobExecution, JobFile, StepExecution
from akeneo_jobs.statuses import Status

logger = logging.getLogger(__name__)

VERBS = {StopRequested: "stop", PauseRequested: "pause"}


def run(pk):
    """Run the execution with this primary key, once: a second delivery finds it taken."""
    execution = JobExecution.objects.select_related("user").filter(pk=pk).first()
    if execution is None:
        logger.warning("execution %s does not exist any more", pk)
        return
    with translation.override(execution.language or None):
        try:
            _start(execution)
        except InvalidTransition:
            return  # Delivered twice, or stopped while it waited.
        Attempt(execution).run()


def _start(execution):
    now = timezone.now()
    execution.apply("start", started_at=execution.started_at or now, heartbeat_at=now)
    call_hook(execution, "started")


class Attempt:
    """One attempt at an execution, from its start to its outcome."""

    def __init__(self, execution):
        self.execution = execution
        self.number = execution.attempt
        self.handler = ExecutionLog(execution)
        self.log = logger_for(self.handler)
        self.beat = Beat(execution, self.handler)
        self.inputs = {}  # the File of each file parameter
        self.step = None

    def run(self):
        """Run the steps; whatever happens becomes the outcome of the execution."""
        self.beat.start()
        try:
            self._run_steps()
        except AttemptReplaced:
            logger.warning("attempt %s of %s was replaced", self.number, self.execution.uuid)
        except Interruption as interruption:
            self.log.info(str(interruption))
            self._end(VERBS[type(interruption)])
        except JobFailed as error:
            self.log.error(str(error))
            self._end("fail", outcomes.failure("failed", error, self.step))
        except Exception as error:
            self.log.exception("%s", type(error).__name__)
            self._end("fail", outcomes.failure("error", _in_words(error), self.step))
        else:
            self._end("complete")
        finally:
            self.beat.end()
            for file in self.inputs.values():
                file.close()

    def _run_steps(self):
        job_type, values = self._prepare()
        for position, step in enumerate(job_type.get_steps(), start=1):
            self._begin_step(position)
            self._run_step(step, values)
            self._complete_step()
        self.step = None

    def _prepare(self):
        """Load the job type and the typed parameters; what is missing is an expected failure."""
        try:
            job_type = registry.get(self.execution.job_type)
            stored = self.execution.files.filter(role=JobFile.Role.INPUT)
            self.inputs = {row.parameter: row.file for row in stored}
            values = parameters.load(job_type, self.execution.parameters, self.inputs)
        except UnknownJobType as error:
            raise JobFailed(error) from error
        except ValidationError as error:
            raise JobFailed(
                _("The parameters are no longer valid: %(errors)s")
                % {"errors": " ".join(error.messages)}
            ) from error
        self._create_steps(job_type.get_steps())
        return job_type, values

    def _create_steps(self, steps):
        if not self.execution.steps.exists():
            StepExecution.objects.bulk_create(
                StepExecution(
                    execution=self.execution, position=position, name=step.name, label=step.label
                )
                for position, step in enumerate(steps, start=1)
            )

    def _begin_step(self, position):
        """Move the row on to the next step, unless somebody asked the operation to end."""
        now = timezone.now()
        self.step = self.execution.steps.get(position=position)
        earlier = self.beat.tally
        self.beat.tally = Tally(earlier.earlier_warnings + earlier.warning_count)
        self._save_or_obey()
        with transaction.atomic():
            self.beat.fence()
            self._row().update(current_step=position, step_started_at=now)
            self.step.status, self.step.started_at = Status.STARTED, now
            self.step.save(update_fields=["status", "started_at"])
        self.log.info(_("Step %(step)s started"), {"step": self.step})

    def _run_step(self, step, values):
        context = StepContext(self.execution, self.step, values, self.beat, self.log)
        try:
            step.run(context)
        except BaseException:
            context.close_outputs(keep=False)
            raise
        context.close_outputs(keep=True)

    def _complete_step(self):
        tally = self.beat.tally
        self.beat.save()
        with transaction.atomic():
            self.beat.fence()
            self.step.status, self.step.ended_at = Status.COMPLETED, timezone.now()
            self.step.processed, self.step.total = tally.processed, tally.total
            self.step.counts, self.step.warning_count = tally.counts, tally.warning_count
            self.step.save()
        self.log.info(_("Step %(step)s completed: %(counts)s"), self._result())

    def _result(self):
        return {"step": self.step, "counts": wording.counted(self.step.counts)}

    def _save_or_obey(self):
        self.beat.save()
        if self.beat.tally.order:
            raise self.beat.tally.order

    def _end(self, verb, failure=None):
        """Write what is still in memory, then the outcome; nothing if another attempt has it."""
        self.beat.end()
        try:
            self.beat.save()
            self._save_log()
            self.execution.refresh_from_db()
            outcomes.end(self.execution, verb, attempt=self.number, failure=failure)
        except (AttemptReplaced, InvalidTransition):
            logger.warning("attempt %s of %s was replaced", self.number, self.execution.uuid)

    def _save_log(self):
        """Save the log; a storage that refuses it does not change the outcome."""
        try:
            self.handler.save(self.beat.fence)
        except Exception:
            logger.exception("the log of %s could not be saved", self.execution.uuid)

    def _row(self):
        return JobExecution.objects.filter(pk=self.execution.pk, attempt=self.number)


def _in_words(error):
    """Name an unexpected error in one line; the traceback is in the log."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
