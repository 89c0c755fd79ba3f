import itertools

import pytest

from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import FINISHED, TRANSITIONS, Level, Status, level_of
from tests.factories import JobExecutionFactory


@pytest.mark.parametrize(
    ("status", "warnings", "errors", "level"),
    [
        (Status.COMPLETED, 0, 0, Level.SUCCESS),
        (Status.COMPLETED, 2, 0, Level.WARNING),
        (Status.COMPLETED, 2, 1, Level.ERROR),
        (Status.FAILED, 0, 0, Level.ERROR),
        (Status.STARTED, 0, 0, Level.RUNNING),
        (Status.STARTED, 1, 0, Level.WARNING),
        (Status.STARTING, 0, 0, Level.RUNNING),
        (Status.STOPPED, 0, 0, Level.STOPPED),
        (Status.PAUSED, 0, 0, Level.STOPPED),
    ],
)
def test_the_worst_news_decides_the_level(status, warnings, errors, level):
    assert level_of(status, warnings, errors) == level


def test_sql_and_python_agree_on_every_level(db):
    for status, warnings, errors in itertools.product(Status, (0, 3), (0, 1)):
        execution = JobExecutionFactory(status=status, warning_count=warnings, error_count=errors)
        found = [level for level in Level if JobExecution.objects.with_level(level).exists()]
        assert found == [execution.level]
        execution.delete()


def test_a_failed_execution_never_shows_zero():
    assert JobExecution(status=Status.FAILED).issue_count == 1
    assert JobExecution(status=Status.FAILED, warning_count=4, error_count=1).issue_count == 5


@pytest.mark.parametrize("verb", TRANSITIONS)
@pytest.mark.parametrize("status", Status)
def test_a_verb_works_from_its_origins_only(db, verb, status):
    execution = JobExecutionFactory(status=status)
    origins, target = TRANSITIONS[verb]
    if status in origins:
        execution.apply(verb)
        assert execution.status == target
    else:
        with pytest.raises(InvalidTransition):
            execution.apply(verb)
        execution.refresh_from_db()
        assert execution.status == status


def test_nothing_but_a_persons_resume_leads_out_of_a_finished_status():
    verbs = {verb for verb, (origins, _target) in TRANSITIONS.items() if origins & FINISHED}
    assert verbs == {"resume"}


def test_an_attempt_that_was_replaced_changes_nothing(db):
    execution = JobExecutionFactory(status=Status.STARTED, attempt=2)
    with pytest.raises(InvalidTransition):
        execution.apply("complete", attempt=1)
    execution.refresh_from_db()
    assert execution.status == Status.STARTED


def test_a_second_click_on_stop_does_not_mark_a_running_execution_as_stopped(db):
    execution = JobExecutionFactory(status=Status.STARTED)
    execution.apply("request_stop")
    with pytest.raises(InvalidTransition):
        execution.apply("request_stop")
    assert execution.status == Status.STOPPING


def test_a_template_cannot_change_a_status():
    assert JobExecution.apply.alters_data


@pytest.mark.parametrize("status", Status)
def test_what_cannot_stop_offers_no_stop(status):
    offered = {Status.STARTING, Status.STARTED, Status.PAUSING, Status.PAUSED}
    assert JobExecution(status=status).can_stop is (status in offered)
