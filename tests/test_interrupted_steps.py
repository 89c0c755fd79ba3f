"""A step that is interrupted behind its checkpoint does nothing twice and counts nothing twice."""

import pytest

from akeneo_jobs import ItemStep, Step, runner
from akeneo_jobs.models import StepWarning
from akeneo_jobs.statuses import Status
from tests.one_off import content_of, interrupt, recording, run, run_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    with recording() as record:
        yield record


class Walk(Step):
    """Goes from its checkpoint to ten, with a checkpoint behind every fourth number."""

    how = None  # the way in which its first attempt ends, at 5

    def run(self, context):
        start = context.checkpoint or 0
        for number in context.track(range(start, 10), total=10):
            context.count("done")
            context.warn(f"{number} is bad", position=number + 1)
            if number % 4 == 3:
                context.checkpoint = number + 1
            if number == 5 and context.execution.attempt == 1:
                interrupt(context, self.how)


@pytest.mark.parametrize("how", ["pause", "give way", "error", "kill"])
def test_a_plain_step_has_the_numbers_of_its_checkpoint_when_it_continues(record, how):
    execution = run(record(type("Walk", (Walk,), {"how": how})))
    step = execution.steps.get()
    assert (step.checkpoint, step.processed, step.counts) == (4, 4, {"done": 4})
    assert step.warning_count == StepWarning.objects.count() == 4
    step = run_again(execution).steps.get()
    assert (execution.status, step.processed, step.total) == (Status.COMPLETED, 10, 10)
    assert (step.counts, execution.warning_count) == ({"done": 10}, 10)
    assert list(step.warnings.values_list("position", flat=True)) == list(range(1, 11))


def test_a_plain_step_that_was_stopped_tells_all_that_it_did(record):
    execution = run(record(type("Walk", (Walk,), {"how": "stop"})))
    step = execution.steps.get()
    assert (execution.status, step.checkpoint, step.processed) == (Status.STOPPED, 4, 6)
    assert (step.counts, step.warning_count, StepWarning.objects.count()) == ({"done": 6}, 6, 6)


class WriteLines(ItemStep):
    chunk_size = 2

    def read(self, context):
        self.file = None
        return range(6)

    def write(self, items, context):
        if self.file is None:
            self.file = context.open_output("lines.txt")
        self.file.write("".join(f"{item}\n" for item in items))
        if context.execution.attempt == 1:
            runner.give_way()


def test_a_file_that_is_opened_while_the_first_chunk_is_written_is_whole_after_a_restart(record):
    execution = run(record(WriteLines))
    assert (execution.status, execution.steps.get().checkpoint) == (Status.STARTING, None)
    step = run(execution).steps.get()
    assert (execution.status, step.counts) == (Status.COMPLETED, {"read": 6})
    assert content_of(execution, "output").split() == list("012345")
