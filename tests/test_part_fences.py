"""Who has lost an execution does no more of its parts."""

import pytest
from django.contrib.auth.models import Group

from akeneo_jobs import ItemStep, actions, outcomes, parts, runner
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, StepExecutionFactory, UserFactory
from tests.one_off import Killed, recording, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    with recording() as record:
        yield record


def part_of(**values):
    execution = JobExecutionFactory(job_type="parted", **values)
    StepExecutionFactory(execution=execution, position=1, status=Status.STARTED)
    return StepExecutionFactory(execution=execution, position=1, part=1, slice=[0, 10])


class GroupInParts(ItemStep):
    """Writes a group per part; a worker loses the execution while the third one is done."""

    is_replaced = False  # True: another worker has started it already

    def split(self, context):
        return [[number] for number in range(6)]

    def read(self, context):
        return context.slice

    def process(self, number, context):
        if number == 2:
            execution = JobExecution.objects.get(pk=context.execution.pk)
            outcomes.lose(execution, "lost", lambda: "It was frozen.")
            if self.is_replaced:
                execution.apply("start")
        return Group(name=str(number))

    def write(self, groups, context):
        Group.objects.bulk_create(groups)


def parts_done(execution):
    """Return the numbers of the parts that were written, having seen that nobody has any other."""
    rows = execution.all_steps.filter(part__gt=0)
    done = rows.filter(status=Status.COMPLETED)
    others = rows.exclude(status=Status.COMPLETED)
    assert set(others.values_list("status", flat=True)) == {Status.STARTING}
    assert Group.objects.count() == done.count()
    return [part.part for part in done]


def test_who_answers_for_an_execution_that_has_failed_meanwhile_writes_nothing_more(record):
    execution = run(record(GroupInParts, is_restartable=False))
    assert (execution.status, parts_done(execution)) == (Status.FAILED, [1, 2])


def test_who_answers_for_an_execution_that_was_given_back_does_its_part_and_no_other(record):
    execution = run(record(GroupInParts))
    assert (execution.status, parts_done(execution)) == (Status.STARTING, [1, 2, 3])


def test_an_attempt_that_was_replaced_does_its_part_and_leaves_the_others(record):
    execution = record(type("Grouping", (GroupInParts,), {"is_replaced": True}))
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert (execution.status, execution.attempt) == (Status.STARTED, 2)
    assert parts_done(execution) == [1, 2, 3]


@pytest.mark.parametrize("status", [one for one in Status if one != Status.STARTED])
def test_no_part_is_claimed_of_what_does_not_run(status):
    part = part_of(status=status, attempt=1)
    assert not parts.claim(part)
    part.refresh_from_db()
    assert (part.status, part.attempt) == (Status.STARTING, 0)


def test_an_attempt_that_was_replaced_claims_no_part():
    part = part_of(status=Status.STARTED, attempt=2)
    assert not parts.claim(part, attempt=1)
    assert parts.claim(part, attempt=2)


def test_a_helper_that_was_replaced_claims_its_part_no_more():
    part = part_of(status=Status.STARTED, attempt=1)
    late = StepExecution.objects.get(pk=part.pk)
    parts.claim(part)
    parts.lose(StepExecution.objects.filter(pk=part.pk), part.attempt)
    assert not parts.claim(late)
    part.refresh_from_db()
    assert (part.status, part.attempt) == (Status.STARTING, 1)


def test_a_stop_between_the_look_at_a_part_and_its_claim_leaves_the_part_alone(monkeypatch):
    execution = actions.record("parted", user=UserFactory())
    claim = parts.claim

    def stop_and_claim(part):
        JobExecution.objects.get(pk=execution.pk).apply("request_stop")
        outcomes.end(JobExecution.objects.get(pk=execution.pk), "stop")
        return claim(part)

    def help_once(rows):
        monkeypatch.setattr(parts, "claim", stop_and_claim)
        runner.run_part(rows.last().pk)
        raise Killed

    assert run(execution, deliver=help_once).status == Status.STOPPED
    assert not Group.objects.exists()
    statuses = execution.all_steps.filter(part__gt=0).values_list("status", flat=True)
    assert set(statuses) == {Status.STARTING}
