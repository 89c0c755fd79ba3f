"""What was lost on its way is handed over again; who could not see reaps nobody."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisAway

from akeneo_jobs import queue, upkeep
from akeneo_jobs.conf import conf
from akeneo_jobs.statuses import Status
from akeneo_jobs.upkeep import MISSED_FOR, Memory
from tests.factories import JobExecutionFactory
from tests.one_off import LONG_AGO

pytestmark = pytest.mark.django_db


class Clock:
    """A monotonic clock that somebody else turns."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(upkeep, "time", clock)
    return clock


@pytest.fixture
def redis(monkeypatch):
    """What the queue holds, and what was handed to it."""
    redis = SimpleNamespace(held=[], taken=[])
    monkeypatch.setattr(queue, "waiting_ids", lambda name: [str(one.uuid) for one in redis.held])
    monkeypatch.setattr(queue, "enqueue", lambda one, **_kwargs: redis.taken.append(one))
    return redis


@pytest.fixture
def missing(redis):
    """An execution that was delivered long ago and is in no queue."""
    return JobExecutionFactory(delivered_at=LONG_AGO)


def test_what_is_in_no_queue_is_handed_over_at_the_second_look(clock, redis, missing):
    missed = {}
    upkeep.redeliver(missed)
    assert redis.taken == []
    clock.now += MISSED_FOR
    upkeep.redeliver(missed)
    assert (redis.taken, missed) == ([missing], {})


def test_two_looks_in_quick_succession_are_one(clock, redis, missing):
    missed = {}
    for _ in range(3):
        clock.now += MISSED_FOR / 4
        upkeep.redeliver(missed)
    assert redis.taken == []


def test_of_two_watches_that_miss_the_same_one_hands_it_over(clock, redis, missing):
    for _ in range(2):
        first, second = {}, {}
        upkeep.redeliver(first)
        upkeep.redeliver(second)
        clock.now += MISSED_FOR
        upkeep.redeliver(first)
        upkeep.redeliver(second)
    assert redis.taken == [missing]


def test_what_is_back_in_its_queue_is_forgotten(clock, redis, missing):
    missed = {}
    upkeep.redeliver(missed)
    redis.held = [missing]
    upkeep.redeliver(missed)
    assert missed == {}
    clock.now += MISSED_FOR
    redis.held = []
    upkeep.redeliver(missed)
    assert redis.taken == []


def test_what_was_delivered_again_meanwhile_is_missed_anew(clock, redis, missing):
    missed = {}
    upkeep.redeliver(missed)
    missing.delivered_at += timedelta(minutes=1)
    missing.save()
    for expected in ([], [missing]):
        clock.now += MISSED_FOR
        upkeep.redeliver(missed)
        assert redis.taken == expected


def test_what_a_restart_gave_back_is_handed_over_at_the_first_look(clock, redis):
    given_back = JobExecutionFactory(job_type="restartable", attempt=1)
    JobExecutionFactory()  # Its launch may still be on the way to the queue.
    upkeep.redeliver({})
    upkeep.redeliver({})
    assert redis.taken == [given_back]


@pytest.mark.parametrize("why", ["is_held", "is_waiting_for_slot"])
def test_what_waits_for_something_else_is_not_handed_over(clock, redis, why):
    JobExecutionFactory(attempt=1, **{why: True})
    upkeep.redeliver({})
    assert redis.taken == []


def test_nothing_is_missed_while_redis_is_away(clock, redis, missing, monkeypatch):
    def be_away(name):
        raise RedisAway("Connection refused")

    missed = {}
    upkeep.redeliver(missed)
    monkeypatch.setattr(queue, "waiting_ids", be_away)
    clock.now += MISSED_FOR
    upkeep.redeliver(missed)
    assert (redis.taken, missed) == ([], {})


def test_who_could_not_reach_the_database_reaps_nobody_for_as_long_as_a_death_takes(clock, redis):
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1, heartbeat_at=LONG_AGO)
    memory = Memory()
    memory.be_blind()
    statuses = []
    for seconds in (0, conf.DEAD_AFTER - 1, 1):
        clock.now += seconds
        upkeep.keep_up(memory)
        execution.refresh_from_db()
        statuses.append(execution.status)
    assert statuses == [Status.STARTED, Status.STARTED, Status.FAILED]


def test_who_is_blind_hands_over_all_the_same(clock, redis):
    given_back = JobExecutionFactory(job_type="restartable", attempt=1)
    memory = Memory()
    memory.be_blind()
    upkeep.keep_up(memory)
    assert redis.taken == [given_back]
