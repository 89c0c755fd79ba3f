"""Somebody asks for one thing, and for another before the first is done."""

import pytest

from akeneo_jobs import ItemStep, actions, outcomes, runner
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory
from tests.one_off import ask, recording, run

pytestmark = pytest.mark.django_db


class Handle(ItemStep):
    """Handles ten items; `asked` is called when the fourth one is in hand."""

    asked = None

    def read(self, context):
        return range(10)

    def process(self, item, context):
        if item == 3:
            type(self).asked(context)
        return item

    def write(self, items, context):
        """Nothing is to be written."""


@pytest.fixture
def ask_for():
    with recording() as record:
        yield lambda asked: run(record(type("Handle", (Handle,), {"asked": asked})))


def person(context):
    return JobExecution.objects.get(pk=context.execution.pk)


@pytest.mark.parametrize(
    ("verb", "status"), [("request_pause", Status.PAUSED), ("request_stop", Status.STOPPED)]
)
@pytest.mark.parametrize("is_seen", [True, False])
def test_a_deploy_does_not_undo_what_a_person_has_asked_for(ask_for, verb, status, is_seen):
    def asked(context):
        ask(context, verb) if is_seen else person(context).apply(verb)
        runner.give_way()

    execution = ask_for(asked)
    assert (execution.status, execution.failures) == (status, [])
    assert execution.steps.get().checkpoint[0] == 4


def test_a_stop_while_the_last_chunk_before_a_pause_is_written_stops(ask_for):
    def asked(context):
        ask(context, "request_pause")
        person(context).apply("request_stop")

    execution = ask_for(asked)
    assert (execution.status, execution.failures) == (Status.STOPPED, [])
    assert execution.ended_at is not None


@pytest.mark.parametrize("first", ["request_pause", None])
def test_a_stop_in_the_moment_of_the_end_stops_at_once(ask_for, monkeypatch, first):
    finish = {name: getattr(outcomes, name) for name in ("end", "restart")}

    def finish_late(name):
        def call(execution, *args, **kwargs):
            for one in finish:
                monkeypatch.setattr(outcomes, one, finish[one])
            JobExecution.objects.get(pk=execution.pk).apply("request_stop")
            return finish[name](execution, *args, **kwargs)

        return call

    def asked(context):
        for one in finish:
            monkeypatch.setattr(outcomes, one, finish_late(one))
        ask(context, first) if first else runner.give_way()

    execution = ask_for(asked)
    assert (execution.status, execution.failures) == (Status.STOPPED, [])


def test_a_stop_is_done_though_a_deploy_gives_the_row_back_in_this_moment(monkeypatch):
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1, job_type="restartable")
    end = outcomes.end

    def end_late(one, verb):
        monkeypatch.setattr(outcomes, "end", end)
        try:
            end(one, verb)
        finally:
            outcomes.restart(JobExecution.objects.get(pk=one.pk), attempt=1)

    monkeypatch.setattr(outcomes, "end", end_late)
    actions.stop(execution, execution.user)
    execution.refresh_from_db()
    assert execution.status == Status.STOPPED
