"""An operation that does not come to its next item is ended, then killed."""

import os
import signal

import pytest

from akeneo_jobs import ItemStep, runner
from akeneo_jobs.exceptions import StopRequested, TimeLimitReached
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from akeneo_jobs.worker import lose_killed
from tests.files import csv_rows
from tests.one_off import Killed, content_of, recording

pytestmark = pytest.mark.django_db


class RefuseLetters(ItemStep):
    """Refuses what is no number; hangs at 4."""

    chunk_size = 2
    order = None  # what is not obeyed

    def read(self, context):
        return csv_rows("name\nx\n1\n2\n4\n")

    def process(self, row, context):
        if row["name"] == "4":
            if self.order is StopRequested:
                JobExecution.objects.get(pk=context.execution.pk).apply("request_stop")
            runner.current._end_at_once(self.order)
        return int(row["name"])

    def write(self, items, context):
        """Nothing is to be written."""


@pytest.fixture
def disobedient(monkeypatch):
    """Return an execution that has got an order and was killed, as the function of the order."""

    def kill(pid, number):
        assert (pid, number) == (os.getpid(), signal.SIGKILL)
        raise Killed

    with recording() as record:

        def run(order):
            step = type("Refuse", (RefuseLetters,), {"order": order})
            execution = record(step, is_restartable=False, timeout=5)
            with monkeypatch.context() as patched, pytest.raises(Killed):
                patched.setattr(os, "kill", kill)
                runner.run(execution.pk)
            execution.refresh_from_db()
            return execution

        yield run


@pytest.mark.parametrize(
    ("order", "status"), [(TimeLimitReached, Status.FAILED), (StopRequested, Status.STOPPED)]
)
def test_the_rejects_of_what_was_killed_are_offered_by_its_worker(disobedient, order, status):
    execution = disobedient(order)
    lose_killed(str(execution.uuid), execution.attempt, signal.SIGKILL)
    execution.refresh_from_db()
    assert (execution.status, execution.attempt, execution.restarts) == (status, 1, 0)
    assert content_of(execution, "rejects").splitlines()[1].endswith(",x")


def test_the_worker_of_another_attempt_offers_nothing(disobedient):
    execution = disobedient(TimeLimitReached)
    lose_killed(str(execution.uuid), execution.attempt + 1, signal.SIGKILL)
    assert not execution.files.filter(role="rejects").exists()
