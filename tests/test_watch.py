"""The process beside a worker: there is always one, and it knows the work-horse."""

import os
import signal
from multiprocessing import RawValue

import pytest
from django.db import OperationalError

from akeneo_jobs import upkeep, watch
from akeneo_jobs.statuses import Status
from akeneo_jobs.watch import Watch
from example_project.services import wait_until
from tests.factories import JobExecutionFactory
from tests.one_off import LONG_AGO


def tell_what_it_hears(receiver, _worker_pid, told):
    """Stand for the watching process: share the process id of each work-horse it hears of."""
    while (message := receiver.recv()) != "end":
        told.value = message.pid


@pytest.fixture
def told():
    return RawValue("Q", 0)


@pytest.fixture
def beside(monkeypatch, told):
    monkeypatch.setattr(watch, "_watch", tell_what_it_hears)
    one = Watch(told)
    yield one
    one.end()


def die(beside):
    os.kill(beside._process.pid, signal.SIGKILL)
    beside._process.join()


def test_another_watch_is_started_in_the_place_of_one_that_is_gone(beside, told):
    beside.hand("job", 4711)
    wait_until(lambda: told.value == 4711)
    first = beside._process.pid
    die(beside)
    told.value = 0
    beside.ensure()
    wait_until(lambda: told.value == 4711)
    assert beside._process.pid != first


def test_a_watch_that_lives_is_not_replaced(beside):
    first = beside._process.pid
    beside.ensure()
    assert beside._process.pid == first


def test_what_is_told_to_a_watch_that_is_gone_is_told_to_the_next_one(beside, told):
    die(beside)
    beside.hand("job", 4712)
    beside.ensure()
    wait_until(lambda: told.value == 4712)


@pytest.mark.django_db(transaction=True)
def test_a_watch_that_could_not_reach_the_database_reaps_nobody_for_a_while(monkeypatch):
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1, heartbeat_at=LONG_AGO)
    memory = upkeep.Memory()

    def be_away():
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(upkeep, "reap", be_away)
        watch._keep_up(None, None, memory)
    watch._keep_up(None, None, memory)
    execution.refresh_from_db()
    assert execution.status == Status.STARTED
    watch._keep_up(None, None, upkeep.Memory())
    execution.refresh_from_db()
    assert execution.status == Status.FAILED
