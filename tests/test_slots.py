"""How many run at once, and what becomes of the next one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from akeneo_jobs import actions, outcomes, queue, queue_state, runner, slots, testing, upkeep
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution, JobFile
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, JobProfileFactory, UserFactory
from tests.job_types import CopyingJob, CountForm, CountingJob

pytestmark = pytest.mark.django_db


class OneAtATime(CountingJob):
    code = "one_at_a_time"
    label = "One at a time"
    max_running = 1


class TwoAtATime(OneAtATime):
    code = "two_at_a_time"
    max_running = 2


class OnePerProfile(OneAtATime):
    code = "one_per_profile"
    max_running = None
    unique_by = "profile"


class OnePerCount(OneAtATime):
    code = "one_per_count"
    max_running = None
    parameters_form = CountForm

    def unique_key(self, parameters, profile):
        return "x" * parameters["count"]


class Refusing(OneAtATime):
    code = "refusing"
    label = "Refusing job"
    on_conflict = "refuse"


class Replacing(OneAtATime):
    code = "replacing"
    on_conflict = "replace"


class RefusingCopy(CopyingJob):
    code = "refusing_copy"
    max_running = 1
    on_conflict = "refuse"


@pytest.fixture(autouse=True)
def _registered():
    types = (OneAtATime, TwoAtATime, OnePerProfile, OnePerCount, Refusing, Replacing, RefusingCopy)
    with testing.registered(*types):
        yield


@pytest.fixture
def delivered(monkeypatch):
    """The executions handed to the queue."""
    executions = []
    monkeypatch.setattr(queue, "enqueue", lambda one, **_kwargs: executions.append(one))
    return executions


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)


def launched(job_type, **kwargs):
    return reread(actions.record(job_type, **kwargs))


def started(job_type, **kwargs):
    execution = launched(job_type, **kwargs)
    slots.start(execution)
    return execution


def test_the_next_one_waits_for_the_slot():
    started("one_at_a_time")
    second = testing.run("one_at_a_time")
    assert (second.status, second.is_waiting_for_slot) == (Status.STARTING, True)
    assert "another operation" in queue_state.queue_state(second)


def test_without_a_limit_any_number_runs():
    assert [started("counting").slot for _ in range(3)] == [None, None, None]


def test_as_many_run_as_the_job_type_says():
    first, second = started("two_at_a_time"), started("two_at_a_time")
    assert first.slot != second.slot
    with pytest.raises(InvalidTransition):
        started("two_at_a_time")


def test_no_two_rows_hold_the_same_slot():
    first = started("one_at_a_time")
    with pytest.raises(IntegrityError), transaction.atomic():
        JobExecutionFactory(slot=first.slot)


def test_of_two_that_race_for_the_last_slot_one_waits(monkeypatch):
    first = started("one_at_a_time")
    monkeypatch.setattr(slots, "_free", lambda execution: [first.slot])
    second = launched("one_at_a_time")
    runner.run(second.pk)
    assert (reread(second).status, reread(second).is_waiting_for_slot) == ("starting", True)


@pytest.mark.parametrize("verb", ["complete", "fail"])
def test_the_slot_is_free_again_however_it_ends(verb):
    first = started("one_at_a_time")
    outcomes.end(first, verb)
    assert reread(first).slot is None
    assert testing.run("one_at_a_time").status == Status.COMPLETED


def test_a_death_frees_the_slot():
    first = started("one_at_a_time")
    outcomes.lose(first, "killed", lambda: "Killed.")
    assert (reread(first).status, reread(first).slot) == (Status.FAILED, None)


def test_a_restart_keeps_its_slot_so_that_nobody_comes_in_between():
    first = started("one_at_a_time")
    outcomes.restart(first, attempt=first.attempt)
    assert testing.run("one_at_a_time").is_waiting_for_slot
    runner.run(first.pk)
    assert reread(first).status == Status.COMPLETED


def test_what_waits_is_not_handed_over_before_a_slot_is_free(delivered):
    first = started("one_at_a_time")
    second, third = testing.run("one_at_a_time"), testing.run("one_at_a_time")
    upkeep.call_up()
    assert delivered == []
    outcomes.end(first, "complete")
    upkeep.call_up()
    upkeep.call_up()
    assert delivered == [second]
    assert [reread(one).is_waiting_for_slot for one in (second, third)] == [False, True]


def test_one_that_was_stopped_while_it_waited_lets_the_next_one_go(delivered):
    first = started("one_at_a_time")
    second, third = testing.run("one_at_a_time"), testing.run("one_at_a_time")
    outcomes.end(second, "cancel")
    outcomes.end(first, "complete")
    upkeep.call_up()
    assert delivered == [third]


def test_what_waits_for_a_limit_that_was_taken_away_goes_on(delivered, monkeypatch):
    started("one_at_a_time")
    second = testing.run("one_at_a_time")
    monkeypatch.setattr(OneAtATime, "max_running", 2)
    upkeep.call_up()
    assert delivered == [second]


def test_profiles_are_limited_each_for_itself():
    one, other = JobProfileFactory.create_batch(2, job_type="one_per_profile")
    started("one_per_profile", profile=one)
    started("one_per_profile", profile=other)
    started("one_per_profile")
    assert testing.run("one_per_profile", profile=one).is_waiting_for_slot


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_key_of_ones_own_limits_what_shares_it(count):
    started("one_per_count", parameters={"count": count})
    started("one_per_count", parameters={"count": 2})
    second = testing.run("one_per_count", parameters={"count": count})
    assert second.is_waiting_for_slot


def test_a_refusal_names_the_operation_in_the_way_to_who_may_list_it():
    user = UserFactory()
    profile = JobProfileFactory(job_type="refusing", label="Nightly prices")
    first = launched("refusing", user=user, profile=profile)
    with pytest.raises(ValidationError) as own:
        actions.launch("refusing", user=user)
    with pytest.raises(ValidationError) as foreign:
        actions.launch("refusing", user=UserFactory())
    assert "“Nightly prices” is already under way" in own.value.message
    assert first.get_absolute_url() in own.value.message
    assert "“Refusing job” is already under way" in foreign.value.message
    assert str(first.uuid) not in foreign.value.message
    assert JobExecution.objects.count() == 1


def test_a_refused_launch_stores_no_file():
    from django.core.files.base import ContentFile

    upload = {"file": ContentFile(b"x", name="a.txt")}
    launched("refusing_copy", parameters=upload)
    with pytest.raises(ValidationError):
        actions.launch("refusing_copy", parameters=upload)
    assert JobFile.objects.count() == 1


def test_two_launches_at_the_same_moment_are_not_both_taken(monkeypatch):
    first = launched("refusing")
    monkeypatch.setattr(slots, "_free", lambda execution: [first.slot])
    with pytest.raises(ValidationError, match="already under way"):
        actions.launch("refusing")


def test_a_launch_is_taken_again_when_the_other_has_ended():
    assert testing.run("refusing").status == Status.COMPLETED
    assert testing.run("refusing").status == Status.COMPLETED


def test_a_newer_launch_cancels_what_waits():
    first = launched("replacing")
    second = launched("replacing")
    assert (reread(first).status, second.status) == (Status.STOPPED, Status.STARTING)
    assert reread(first).failures[0]["cause"] == "replaced"
    assert reread(first).level == "stopped"


def test_a_newer_launch_stops_what_runs_and_waits_for_its_slot():
    first = started("replacing")
    second = testing.run("replacing")
    assert reread(first).status == Status.STOPPING
    assert second.is_waiting_for_slot
    outcomes.end(reread(first), "stop")
    runner.run(second.pk)
    assert reread(second).status == Status.COMPLETED


def test_a_newer_launch_replaces_no_more_than_it_must(monkeypatch):
    monkeypatch.setattr(Replacing, "max_running", 2)
    first, second, third = (launched("replacing") for _ in range(3))
    statuses = [reread(one).status for one in (first, second, third)]
    assert statuses == [Status.STOPPED, Status.STARTING, Status.STARTING]


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_launch_within_another_transaction_takes_its_slot_when_it_starts():
    with transaction.atomic(using="other"):
        execution = launched("refusing")
        assert execution.slot is None
    slots.start(execution)
    assert reread(execution).slot == "refusing:#0"
