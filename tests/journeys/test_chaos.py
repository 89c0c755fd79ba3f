"""Short versions of what `make chaos` does for long; deaths have a file of their own."""

import threading
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import django_rq
import pytest
from django.db import connection, transaction
from django.utils import timezone
from redis.exceptions import RedisError

from akeneo_jobs import actions, runner
from akeneo_jobs.models import JobExecution
from akeneo_jobs.queue import NO_TIME_LIMIT
from akeneo_jobs.statuses import Status
from akeneo_jobs.worker import JobWorker
from example_project.services import start_redis
from tests.factories import UserFactory
from tests.journeys.test_deaths import assert_everything_once, is_well_under_way, reread

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = {"count": 100, "pause": 0.005}


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    monkeypatch.setenv("TEST_AKENEO_JOBS", '{"DEAD_AFTER": 3.0, "UPKEEP_INTERVAL": 0.5}')


@pytest.fixture
def all_over(wait_until):
    def wait(timeout=60):
        wait_until(lambda: not JobExecution.objects.active().exists(), timeout=timeout)

    return wait


@pytest.mark.parametrize("has_one_id", [True, False])
def test_of_two_workers_given_the_same_execution_one_runs_it(worker, all_over, has_one_id):
    execution = actions.launch("restartable", parameters=NUMBERS, user=UserFactory())
    queue = django_rq.get_queue("default", commit_mode="auto")
    for _ in range(3):
        options = {"job_id": str(execution.uuid)} if has_one_id else {}
        queue.enqueue(runner.run, execution.pk, job_timeout=NO_TIME_LIMIT, **options)
    worker()
    worker()
    all_over()
    done = reread(execution)
    assert (done.status, done.attempt, done.failures) == (Status.COMPLETED, 1, [])
    assert_everything_once(done, 100)
    assert done.notifications.count() == 1


def test_a_redis_that_comes_back_empty_loses_nothing(
    worker, redis, redis_url, tmp_path, all_over, wait_until
):
    process = worker()
    running = actions.launch("restartable")
    waiting = [actions.launch("restartable", parameters=NUMBERS) for _ in range(3)]
    wait_until(lambda: is_well_under_way(running))
    with suppress(RedisError):
        redis.shutdown(nosave=True)
    with start_redis(urlsplit(redis_url).port, tmp_path / "redis-2.log", tmp_path):
        if not process.is_running:
            worker()
        JobExecution.objects.filter(status=Status.STARTING).update(
            delivered_at=timezone.now() - timedelta(minutes=1)
        )
        all_over()
        assert_everything_once(reread(running))
        for execution in waiting:
            assert (reread(execution).status, reread(execution).attempt) == ("completed", 1)
            assert_everything_once(reread(execution), 100)


def test_a_worker_outlives_a_redis_that_is_away_between_two_jobs(redis):
    worker = JobWorker([django_rq.get_queue("default")], connection=redis)
    with suppress(RedisError):
        redis.shutdown(nosave=True)
    worker.heartbeat()
    worker.set_state("idle")
    assert worker.get_state() == "idle"


def test_of_interleaved_launches_exactly_the_committed_ones_run(worker, all_over):
    user, committed = UserFactory(), []

    def launch_some(remainder):
        for number in range(10):
            with suppress(RuntimeError), transaction.atomic():
                execution = launch_in_savepoint(user, is_kept=number % 3 != 0)
                if number % 2 == remainder:
                    raise RuntimeError
            if number % 3 != 0 and number % 2 != remainder:
                committed.append(execution.pk)
        connection.close()

    threads = [threading.Thread(target=launch_some, args=[remainder]) for remainder in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker()
    all_over()
    assert set(JobExecution.objects.values_list("pk", flat=True)) == set(committed)
    ended = JobExecution.objects.values_list("status", "attempt").distinct()
    assert list(ended.order_by()) == [(Status.COMPLETED, 1)]


def launch_in_savepoint(user, is_kept):
    with suppress(LookupError), transaction.atomic():
        execution = actions.launch("counting", user=user)
        if not is_kept:
            raise LookupError
    return execution
