"""Executions of the measured job types, recorded beforehand and run in this process."""

from django.core.files import File

from akeneo_jobs import actions, runner
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from benchmarks.measure import Way


class Incomplete(Exception):
    """An execution did not complete."""


class Launch:
    """An execution to come: recorded when it is prepared, run when it is measured."""

    def __init__(self, job_type, path=None):
        self.job_type = job_type
        self.path = path
        self.execution = None

    def record(self):
        if self.path is None:
            self.execution = actions.record(self.job_type)
            return
        with self.path.open("rb") as content:
            file = File(content, name=self.path.name)
            self.execution = actions.record(self.job_type, parameters={"file": file})

    def run(self):
        runner.run(self.execution.pk)
        self.execution = completed(self.execution)

    def way(self, name, reset, result):
        """Return it as a way to do the work."""

        def prepare():
            reset()
            self.record()

        return Way(name, self.run, result, prepare)


def completed(execution):
    """Read an execution anew; raise `Incomplete` where it did not complete."""
    execution = JobExecution.objects.get(pk=execution.pk)
    if execution.status != Status.COMPLETED:
        raise Incomplete(f"It is {execution.status}: {execution.failures}")
    return execution
