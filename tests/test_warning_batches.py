"""Warnings are written by the thread of the job and by that of the beat, each of them once."""

import pytest
from django.db import OperationalError

from akeneo_jobs.beat import Beat
from akeneo_jobs.models import StepWarning, WarningGroup
from akeneo_jobs.statuses import Status
from akeneo_jobs.step_warnings import Batch, Warned, WarningStore
from akeneo_jobs.tally import Tally
from tests.factories import JobExecutionFactory, StepExecutionFactory

pytestmark = pytest.mark.django_db

SAVES = {"_save_numbers": Beat.save, "fence": lambda beat: beat.save_step(beat.tally.warnings.step)}


@pytest.fixture
def beat():
    """The beat of an execution with two steps, at the first one."""
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1)
    for position in (1, 2):
        StepExecutionFactory(execution=execution, position=position, status=Status.STARTED)
    beat = Beat(execution, None)
    begin(beat, execution.steps[0])
    yield beat
    beat.tally.warnings.close()


def begin(beat, step):
    tally = Tally.of(step, 0)
    tally.warnings = WarningStore(step, 100)
    beat.begin_step(tally)


@pytest.mark.parametrize("locks", SAVES)
def test_a_thread_that_waited_for_the_row_does_not_overwrite_what_was_counted_since(beat, locks):
    store, lock = beat.tally.warnings, getattr(beat, locks)

    def wait_for_the_lock():
        setattr(beat, locks, lock)
        store.add(Warned("bad 2"))
        beat.save_step(store.step)
        lock()

    store.add(Warned("bad 1"))
    setattr(beat, locks, wait_for_the_lock)
    SAVES[locks](beat)
    group = WarningGroup.objects.get()
    assert (group.count, group.kept, StepWarning.objects.count()) == (2, 2, 2)


@pytest.mark.parametrize("save", SAVES.values(), ids=["beat", "step"])
def test_what_could_not_be_written_goes_back_to_the_step_it_came_from(beat, monkeypatch, save):
    first, next_step = beat.tally.warnings, first_of_the_others(beat)

    def fail_late(self):
        begin(beat, next_step)  # The thread of the job goes on meanwhile.
        raise OperationalError("server closed the connection")

    first.add(Warned("of the first step"))
    monkeypatch.setattr(Batch, "write", fail_late)
    with pytest.raises(OperationalError):
        save(beat)
    second = beat.tally.warnings.take()
    assert [row.reason for row in first.take().rows] == ["of the first step"]
    assert (second.rows, second.groups) == ([], [])


def first_of_the_others(beat):
    step = beat.tally.warnings.step
    return step.execution.steps.exclude(pk=step.pk).first()
