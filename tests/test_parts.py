"""A step in parts: each done once, all joined in one report."""

import pytest
from django.contrib.auth.models import Group

from akeneo_jobs import actions, parts, runner
from akeneo_jobs.models import StepExecution, StepWarning
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory
from tests.job_types import MarkNumbers

pytestmark = pytest.mark.django_db


def numbers():
    names = Group.objects.values_list("name", flat=True)
    return sorted(int(name.rsplit("-", 1)[1]) for name in names)


def launched(**parameters):
    return actions.record("parted", user=UserFactory(), parameters=parameters)


def run(execution, **options):
    runner.run(execution.pk, **options)
    execution.refresh_from_db()
    return execution


def done(count):
    return [number for number in range(count) if number % 10 != 9]


def test_one_process_does_all_parts_where_nobody_helps():
    execution = run(launched())
    mark, listed = execution.steps
    assert (execution.status, numbers()) == (Status.COMPLETED, done(40))
    assert mark.counts == {"read": 40, "created": 36, "skipped": 4}
    assert (mark.processed, mark.total, mark.warning_count) == (40, 40, 4)
    assert execution.warning_count == StepWarning.objects.count() == 8
    assert set(execution.all_steps.parts_of(mark).values_list("status", flat=True)) == {"completed"}


def test_what_the_parts_write_to_a_file_is_joined_in_their_order():
    execution = run(launched(count=55))
    output = execution.files.get(role="output")
    assert output.name == "numbers.txt"
    assert output.file.read().split() == [str(number).encode() for number in done(55)]
    assert not execution.files.filter(role="part").exists()


def test_the_warnings_of_all_parts_are_in_one_file(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "WARNINGS_KEPT_PER_CAUSE": 4}
    execution = run(launched(count=80, size=20))
    file = execution.files.get(role="warnings", name="warnings-mark.csv")
    lines = file.file.read().decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == [f"{n} ends in nine" for n in range(9, 80, 10)]
    assert StepWarning.objects.filter(step__position=1).count() == 4


def test_parts_that_others_do_are_joined():
    helped = []

    def deliver(rows):
        for part in rows.filter(part__gt=1):
            runner.run_part(part.pk)
            helped.append(part.part)

    execution = run(launched(), deliver=deliver)
    assert helped == [2, 3, 4, 2, 3, 4]
    assert (execution.status, numbers()) == (Status.COMPLETED, done(40))
    log = execution.log_file.file.read().decode()
    assert log.count("part 3 wrote 5") == 1
    assert execution.files.get(role="output").file.read().count(b"\n") == 36


def test_a_lost_part_continues_after_its_checkpoint(monkeypatch):
    class Killed(BaseException):
        pass

    original = MarkNumbers.process
    written = []

    def process(self, number, context):
        written.append(number)
        if number == 17 and written.count(17) == 1:
            raise Killed
        return original(self, number, context)

    def deliver(rows):
        (part,) = rows.filter(part=2, position=1) or [None]
        if part is not None:
            with pytest.raises(Killed):
                runner.run_part(part.pk)
            parts.lose(parts.find(parts.id_of(part)), part.attempt + 1)

    monkeypatch.setattr(MarkNumbers, "process", process)
    execution = run(launched(), deliver=deliver)
    assert (execution.status, numbers()) == (Status.COMPLETED, done(40))
    assert (written.count(14), written.count(15), written.count(17)) == (2, 3, 3)  # with "list"


def test_a_part_that_fails_ends_the_operation_and_is_resumed(monkeypatch):
    original = MarkNumbers.process

    def process(self, number, context):
        if number == 25:
            raise TypeError("a bug")
        return original(self, number, context)

    monkeypatch.setattr(MarkNumbers, "process", process)
    execution = run(launched())
    assert execution.status == Status.FAILED
    assert execution.failures[-1]["reason"] == "TypeError: a bug"
    assert (execution.processed, execution.steps[0].processed) == (25, 25)
    monkeypatch.undo()
    actions.resume(execution, execution.user)
    assert (run(execution).status, numbers()) == (Status.COMPLETED, done(40))


def test_a_part_belongs_to_one_process_only():
    execution = launched()
    execution.apply("start")
    part = StepExecution.objects.create(execution=execution, position=1, part=1, name="mark")
    again = StepExecution.objects.get(pk=part.pk)
    assert parts.claim(part)
    assert not parts.claim(again)
    assert part.attempt == 1
