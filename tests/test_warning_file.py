import csv
import io

import pytest

from akeneo_jobs import ItemStep, JobType, Step, actions, attempt, runner, testing
from akeneo_jobs.exceptions import GiveWay
from akeneo_jobs.models import JobExecution
from akeneo_jobs.warning_file import LOST

pytestmark = pytest.mark.django_db


class Complain(ItemStep):
    name = "complain"
    chunk_size = 10
    ends_at = 25  # the item at which the first attempt ends
    end = None  # how

    def read(self, context):
        return range(1, 41)

    def process(self, number, context):
        if number == self.ends_at and context.execution.attempt == 1:
            raise self.end()
        context.warn("odd" if number % 2 else "even", position=number)


class GoneAway(BaseException):
    """The process is killed."""


class ComplainingJob(JobType):
    code = "complaining"
    label = "Complaining job"
    kind = "import"
    steps = [Complain]
    is_restartable = True


class Murmur(Step):
    name = "murmur"

    def run(self, context):
        for number in range(20):
            context.warn("murmur", position=number)


class TwoComplaints(JobType):
    code = "two_complaints"
    label = "Two complaints"
    kind = "import"
    steps = [Murmur, type("Whisper", (Murmur,), {"name": "whisper"})]


@pytest.fixture(autouse=True)
def _few_rows(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "WARNINGS_KEPT_PER_CAUSE": 8}


def lines_of(execution, name="warnings.csv"):
    with execution.files.get(role="warnings", name=name).file.open("rb") as content:
        return list(csv.DictReader(io.TextIOWrapper(content, "utf-8-sig", newline="")))


def positions(lines):
    return [int(line["position"]) for line in lines if line["position"]]


def run_twice(monkeypatch, how):
    monkeypatch.setattr(Complain, "end", how)
    with testing.registered(ComplainingJob):
        execution = actions.record("complaining")
        if how is GoneAway:  # Nothing is written at the end of a killed process.
            monkeypatch.setattr(attempt.Attempt, "_write_end", lambda *_: None)
            with pytest.raises(GoneAway):
                runner.run(execution.pk)
            monkeypatch.undo()
            JobExecution.objects.update(status="starting")
        else:
            runner.run(execution.pk)
        runner.run(execution.pk)
    execution.refresh_from_db()
    return execution


def test_an_operation_that_gave_way_has_all_its_warnings_in_one_file(monkeypatch):
    execution = run_twice(monkeypatch, GiveWay)
    assert (execution.status, execution.attempt) == ("completed", 2)
    assert positions(lines_of(execution)) == list(range(1, 41))


def test_a_killed_operation_has_those_with_rows_and_says_how_many_are_missing(monkeypatch):
    execution = run_twice(monkeypatch, GoneAway)
    assert (execution.status, execution.warning_count) == ("completed", 40)
    lines = lines_of(execution)
    assert positions(lines) == [*range(1, 17), *range(21, 41)]
    (lost,) = [line for line in lines if line["code"] == LOST]
    assert lost["reason"].startswith("4 warnings are missing here")


def test_every_step_has_a_file_of_its_own():
    with testing.registered(TwoComplaints):
        execution = testing.run("two_complaints")
    assert len(lines_of(execution, "warnings-murmur.csv")) == 20
    assert len(lines_of(execution, "warnings-whisper.csv")) == 20
