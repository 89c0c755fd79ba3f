"""A step in parts, done by several real workers that come and go."""

import os

import psutil
import pytest
from django.contrib.auth.models import Group
from django.db.models import Max

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution, StepExecution, StepWarning
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

FAST = '{"DEAD_AFTER": 3.0, "UPKEEP_INTERVAL": 0.5, "STOP_AFTER": 5.0}'
COUNT, SIZE = 400, 40
PARAMETERS = {"count": COUNT, "size": SIZE, "pause": 0.02}


@pytest.fixture
def worker(worker, monkeypatch):
    """Workers that notice a death within seconds."""
    monkeypatch.setenv("TEST_AKENEO_JOBS", FAST)
    return worker


@pytest.fixture
def under_way(worker, wait_until):
    """Launch a step in parts with two workers at it: the one that answers for it, and a helper."""

    def start():
        first = worker()
        execution = actions.launch("parted", user=UserFactory(), parameters=PARAMETERS)
        wait_until(lambda: running(execution))
        second = worker()
        wait_until(lambda: len(running(execution)) == 2)
        return execution, first, second

    return start


@pytest.fixture
def ended(wait_until):
    def wait(execution):
        wait_until(lambda: reread(execution).is_finished, timeout=60)
        return reread(execution)

    return wait


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)


def parts(execution):
    return StepExecution.objects.filter(execution=execution, part__gt=0)


def running(execution):
    return parts(execution).filter(status=Status.STARTED)


def horse_of(worker):
    """Return the process that does the work, not the one that watches."""
    return next(
        child
        for child in psutil.Process(worker.pid).children()
        if os.getpgid(child.pid) == child.pid
    )


def numbers_of(execution):
    groups = Group.objects.filter(name__startswith=execution.uuid)
    return sorted(int(name.rsplit("-", 1)[1]) for name in groups.values_list("name", flat=True))


def assert_everything_once(execution):
    good = [number for number in range(COUNT) if number % 10 != 9]
    mark, _listed = execution.steps
    assert numbers_of(execution) == good
    assert mark.counts == {"read": COUNT, "created": len(good), "skipped": COUNT // 10}
    assert (mark.processed, mark.total, mark.warning_count) == (COUNT, COUNT, COUNT // 10)
    assert StepWarning.objects.filter(step__position=1).count() == COUNT // 10
    lines = execution.files.get(role="output").file.read().split()
    assert [int(line) for line in lines] == good


def test_two_workers_share_the_parts(under_way, ended):
    execution, _first, _second = under_way()
    done = ended(execution)
    assert (done.status, done.attempt) == (Status.COMPLETED, 1)
    assert parts(done).aggregate(most=Max("attempt")) == {"most": 1}
    assert_everything_once(done)


def test_a_killed_helper_costs_no_more_than_its_chunk(under_way, ended):
    execution, _first, second = under_way()
    horse_of(second).kill()
    done = ended(execution)
    assert (done.status, done.attempt) == (Status.COMPLETED, 1)
    assert_everything_once(done)


def test_a_helper_that_vanishes_with_its_worker_is_replaced(under_way, ended):
    execution, _first, second = under_way()
    horse = horse_of(second)
    second.kill()
    horse.kill()
    assert_everything_once(ended(execution))


def test_the_death_of_who_answers_for_it_leaves_the_parts_to_the_others(under_way, ended):
    execution, first, _second = under_way()
    horse_of(first).kill()
    done = ended(execution)
    assert (done.status, done.restarts) == (Status.COMPLETED, 1)
    assert_everything_once(done)


def test_a_stop_reaches_all_who_are_at_it(under_way, ended):
    execution, _first, _second = under_way()
    actions.stop(reread(execution), execution.user)
    done = ended(execution)
    assert done.status == Status.STOPPED
    assert not running(done).exists()
    step = done.steps[0]
    assert step.counts["created"] == len(numbers_of(done))
    assert step.processed < COUNT


def test_a_pause_and_its_end_reach_all_who_are_at_it(under_way, ended, wait_until):
    execution, _first, _second = under_way()
    actions.pause(reread(execution), execution.user)
    wait_until(lambda: reread(execution).status == Status.PAUSED, timeout=20)
    assert not running(execution).exists()
    actions.resume(reread(execution), execution.user)
    done = ended(execution)
    assert done.status == Status.COMPLETED
    assert_everything_once(done)


def test_workers_that_shut_down_hand_their_parts_over(under_way, ended, worker):
    execution, first, second = under_way()
    first.terminate()
    second.terminate()
    worker()
    done = ended(execution)
    assert (done.status, done.restarts) == (Status.COMPLETED, 0)
    assert_everything_once(done)
