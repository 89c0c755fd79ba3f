"""What the parts of a step have written is joined once and whole, whatever breaks in."""

import pytest
from django.db import OperationalError
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete

from akeneo_jobs import ItemStep, Step, actions, runner
from akeneo_jobs.beat import Beat
from akeneo_jobs.models import JobFile
from akeneo_jobs.statuses import Status
from akeneo_jobs.warning_file import LOST
from tests.factories import UserFactory
from tests.one_off import Killed, content_of, recording, run, run_again

pytestmark = pytest.mark.django_db

ERRORS = [OSError("the storage is away"), OperationalError("the database is away"), Killed()]
DONE = [str(number) for number in range(80) if number % 10 != 9]
REFUSED = [f"{number} ends in nine" for number in range(9, 80, 10)]


@pytest.fixture
def execution(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "WARNINGS_KEPT_PER_CAUSE": 4}
    return actions.record("parted", user=UserFactory(), parameters={"count": 80, "size": 20})


@pytest.fixture
def break_in(monkeypatch):
    """Raise an error once: at the third call of a method for which a condition holds."""

    def patch(owner, name, error, condition=lambda *args: True, *, at=3):
        original, calls = getattr(owner, name), []

        def method(*args, **kwargs):
            if condition(*args):
                calls.append(1)
                if len(calls) == at:
                    raise error
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, method)

    return patch


@pytest.fixture
def break_in_at_the_third_row():
    """Raise an error once: in the transaction that deletes the third piece of the output."""
    pieces, receivers = [], []

    def patch(error):
        def receive(instance, **_kwargs):
            if is_piece(instance):
                pieces.append(instance)
                if len(pieces) == 3:
                    raise error

        receivers.append(receive)
        post_delete.connect(receive, sender=JobFile)

    yield patch
    for receive in receivers:
        post_delete.disconnect(receive, sender=JobFile)


def is_piece(row):
    return row.role == JobFile.Role.PART and row.name == "numbers.txt"


def break_in_at_the_completion(monkeypatch, name, error, *, is_written=False):
    original, completed = Beat.save_step, []

    def save_step(self, step, **values):
        is_completion = values.get("status") == Status.COMPLETED and not step.part
        is_due = is_completion and step.name == name and not completed
        if is_due:
            completed.append(step)
        if is_written or not is_due:
            original(self, step, **values)
        if is_due:
            raise error

    monkeypatch.setattr(Beat, "save_step", save_step)


def help_with(rows):
    """Do all parts but the first as other workers do."""
    for part in rows.filter(part__gt=1):
        runner.run_part(part.pk)


def run_to_its_end(execution, **options):
    run(execution, **options)
    for _ in range(3):
        if execution.status != Status.COMPLETED:
            run_again(execution)
    assert execution.status == Status.COMPLETED


def assert_all_logs_are_taken_in(execution):
    log = content_of(execution, "log")
    assert [log.count(f"part {part} wrote 5") for part in (2, 3, 4)] == [2, 2, 2]
    assert not execution.files.filter(role="part").exists()


def reasons(execution, step):
    lines = content_of(execution, "warnings", name=f"warnings-{step}.csv").splitlines()[1:]
    return [line.split(",")[1] for line in lines]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_what_breaks_off_the_removal_of_the_files_takes_no_line_away(execution, break_in, error):
    break_in(FieldFile, "delete", error, lambda file, *_: is_piece(file.instance))
    run_to_its_end(execution)
    assert content_of(execution, "output").split() == DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_what_breaks_off_the_removal_of_the_rows_takes_no_line_away(
    execution, break_in_at_the_third_row, error
):
    break_in_at_the_third_row(error)
    run_to_its_end(execution)
    assert content_of(execution, "output").split() == DONE


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_what_breaks_off_the_joining_takes_no_line_away(execution, break_in, error):
    break_in(Step, "join", error, at=1)
    run_to_its_end(execution)
    assert content_of(execution, "output").split() == DONE
    assert reasons(execution, "list") == REFUSED


@pytest.mark.parametrize("error", ERRORS[1:], ids=repr)
def test_joining_again_repeats_no_warning_and_misses_none(execution, monkeypatch, error):
    break_in_at_the_completion(monkeypatch, "mark", error)
    run_to_its_end(execution)
    assert reasons(execution, "mark") == REFUSED
    assert LOST not in content_of(execution, "warnings", name="warnings-mark.csv")


class WarnAndSplit(ItemStep):
    """Warns of each of four numbers in its part, and of the whole before it is split."""

    def split(self, context):
        context.warn("The header is odd.")
        return [[1, 2], [3, 4]]

    def read(self, context):
        return context.slice

    def process(self, number, context):
        context.warn(f"{number} is bad")

    def write(self, items, context):
        """Nothing is to be written."""


@pytest.mark.parametrize("error", ERRORS[1:], ids=repr)
def test_joining_again_repeats_no_warning_from_before_the_split(settings, monkeypatch, error):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "WARNINGS_KEPT_PER_CAUSE": 1}
    break_in_at_the_completion(monkeypatch, "warnandsplit", error)
    with recording() as record:
        execution = record(WarnAndSplit)
        run_to_its_end(execution)
    lines = content_of(execution, "warnings").splitlines()[1:]
    said = ["The header is odd.", *(f"{number} is bad" for number in (1, 2, 3, 4))]
    assert [line.split(",")[1] for line in lines] == said


@pytest.mark.parametrize("error", ERRORS[1:], ids=repr)
def test_joining_again_repeats_no_line_of_the_log(execution, monkeypatch, error):
    break_in_at_the_completion(monkeypatch, "list", error)
    run_to_its_end(execution, deliver=help_with)
    assert_all_logs_are_taken_in(execution)


@pytest.mark.parametrize("error", ERRORS[1:], ids=repr)
def test_what_comes_right_behind_the_completion_leaves_no_piece(execution, monkeypatch, error):
    break_in_at_the_completion(monkeypatch, "list", error, is_written=True)
    run_to_its_end(execution, deliver=help_with)
    assert_all_logs_are_taken_in(execution)


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_what_breaks_off_the_removal_takes_no_line_of_the_log_away(execution, break_in, error):
    break_in(FieldFile, "delete", error, lambda file, *_: is_piece(file.instance))
    run_to_its_end(execution, deliver=help_with)
    assert_all_logs_are_taken_in(execution)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", ERRORS[1:], ids=repr)
def test_what_breaks_off_the_removal_of_the_rows_leaves_no_piece(
    execution, break_in_at_the_third_row, error
):
    break_in_at_the_third_row(error)
    run_to_its_end(execution, deliver=help_with)
    assert_all_logs_are_taken_in(execution)
