"""What `track` expects, and what it has in hand."""

import pytest

from akeneo_jobs import Step, runner
from akeneo_jobs.statuses import Status
from tests.one_off import recording, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def do():
    """Run a step whose code is such a function of the context; return its operation."""
    with recording() as record:
        yield lambda code: run(
            record(type("Do", (Step,), {"run": lambda self, context: code(context)}))
        )


def progress(execution):
    step = execution.steps.get()
    return step.processed, step.total


def test_two_loops_of_a_step_have_the_total_of_both(do):
    expected = []

    def code(context):
        for length in (10, 5):
            for _number in context.track(range(length)):
                expected.append(context._tally.total)

    assert progress(do(code)) == (15, 15)
    assert expected == [10] * 10 + [15] * 5


def test_a_loop_that_continues_expects_what_is_left(do):
    def code(context):
        for number in context.track(list(range(10))[context.checkpoint or 0 :]):
            context.checkpoint = number + 1
            if number == 5 and context.execution.attempt == 1:
                runner.give_way()

    execution = do(code)
    assert (execution.status, progress(execution)) == (Status.STARTING, (6, 10))
    assert progress(run(execution)) == (10, 10)


def test_a_total_that_is_given_is_that_of_the_whole_step(do):
    def code(context):
        for number in context.track(range(context.checkpoint or 0, 10), total=10):
            context.checkpoint = number + 1
            if number == 5 and context.execution.attempt == 1:
                runner.give_way()

    assert progress(run(do(code))) == (10, 10)


def test_a_loop_that_was_left_has_no_item_in_hand(do):
    def code(context):
        for number in context.track(range(10)):
            if number == 3:
                context.warn("about the fourth item")
                break
        context.warn("about no item")

    warnings = do(code).steps.get().warnings
    assert list(warnings.values_list("position", flat=True)) == [4, None]


def test_a_loop_that_raised_has_no_item_in_hand(do):
    def code(context):
        try:
            for number in context.track(iter("12x")):
                int(number)
        except ValueError:
            context.warn("about no item")

    assert do(code).steps.get().warnings.get().position is None
