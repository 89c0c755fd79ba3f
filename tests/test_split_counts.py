"""What a step counts and warns before it is split stays, however the operation ends."""

import pytest

from akeneo_jobs import ItemStep
from akeneo_jobs.models import StepWarning
from akeneo_jobs.statuses import Status
from tests.one_off import interrupt, recording, run, run_again

pytestmark = pytest.mark.django_db

ENDS = {"error": "failed", "stop": "stopped", "pause": "paused", "give way": "starting"}


@pytest.fixture
def record():
    with recording() as record:
        yield record


class FindAndSplit(ItemStep):
    chunk_size = 1
    how = None  # the way in which its first attempt ends, at 7

    def split(self, context):
        context.count("found", 10)
        context.warn("The header is odd.")
        return [[0, 5], [5, 10]]

    def read(self, context):
        return range(*context.slice)

    def process(self, number, context):
        if number == 7 and context.execution.attempt == 1:
            interrupt(context, self.how)
        return number

    def write(self, items, context):
        context.count("written", len(items))


def numbers(execution):
    step = execution.steps.get()
    assert execution.warning_count == step.warning_count == StepWarning.objects.count()
    return step.counts["found"], step.counts["read"], execution.warning_count


@pytest.mark.parametrize("how", ENDS)
def test_what_split_counts_and_warns_is_there_when_the_operation_ends(record, how):
    execution = run(record(type("Find", (FindAndSplit,), {"how": how})))
    done = 7 if how == "error" else 8
    assert (execution.status, *numbers(execution)) == (ENDS[how], 10, done, 1)
    assert execution.steps.get().counts["written"] == done


def test_what_split_counts_and_warns_is_there_when_the_process_dies(record):
    execution = run(record(type("Find", (FindAndSplit,), {"how": "kill"}), is_restartable=False))
    assert (execution.status, *numbers(execution)) == (Status.FAILED, 10, 7, 1)


@pytest.mark.parametrize("how", ["error", "pause", "give way", "kill"])
def test_what_split_counts_and_warns_is_there_once_when_the_operation_continues(record, how):
    execution = run_again(run(record(type("Find", (FindAndSplit,), {"how": how}))))
    assert (execution.status, *numbers(execution)) == (Status.COMPLETED, 10, 10, 1)
