"""Operations of a job type that exists for one test, and ways for them to be interrupted."""

from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

from akeneo_jobs import JobType, actions, outcomes, runner, testing
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class OneOffJob(JobType):
    code = "one_off"
    label = "One-off job"
    kind = "import"
    is_restartable = True


class Killed(BaseException):
    """The process dies."""


@contextmanager
def recording():
    """Yield a function that registers a job type of some steps and records an operation of it."""
    with ExitStack() as stack:

        def record(*steps, **attributes):
            job_type = type("Job", (OneOffJob,), {"steps": list(steps), **attributes})
            stack.enter_context(testing.registered(job_type))
            return actions.record("one_off", user=UserFactory())

        yield record


def run(execution, **options):
    """Run it once; a worker notices a death, and that the parts of the dead fell silent."""
    with suppress(Killed):
        runner.run(execution.pk, **options)
    execution.refresh_from_db()
    if execution.status == Status.STARTED:
        outcomes.lose(execution, "killed", lambda: "Killed.")
        execution.all_steps.filter(part__gt=0).update(heartbeat_at=LONG_AGO)
    return execution


def run_again(execution):
    """Run what was given back, what is paused and what has failed."""
    if execution.can_resume:
        actions.resume(execution, execution.user)
    return run(execution)


def ask(context, verb):
    """Have a person ask for something; the beat tells the operation at once."""
    JobExecution.objects.get(pk=context.execution.pk).apply(verb)
    context._beat._tick(is_log_due=False)


def interrupt(context, how):
    """End the running attempt at its next item, or now."""
    if how == "error":
        raise RuntimeError("a bug")
    if how == "kill":
        raise Killed
    runner.give_way() if how == "give way" else ask(context, f"request_{how}")


def content_of(execution, role, **key):
    with execution.files.get(role=role, **key).file.open("rb") as file:
        return file.read().decode("utf-8-sig")
