"""What a worker does when its work-horse is born, dies, or is to give way."""

import os
import signal
from types import SimpleNamespace

import django_rq
import pytest

from akeneo_jobs import queue, runner, worker
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from akeneo_jobs.worker import GIVE_WAY, ORDERS, JobWorker, lose_killed
from example_project.services import wait_until
from tests.factories import JobExecutionFactory, StepExecutionFactory

RESTARTABLE = {"job_type": "restartable"}


@pytest.fixture
def delivered(monkeypatch, db):
    """The executions handed to the queue."""
    executions = []
    monkeypatch.setattr(queue, "enqueue", lambda one, **_kwargs: executions.append(one))
    return executions


def lose(execution, attempt):
    """Tell of a killed work-horse that had begun such an attempt; return the row as it is then."""
    lose_killed(str(execution.uuid), attempt, signal.SIGKILL)
    return JobExecution.objects.get(pk=execution.pk)


def facts(execution):
    causes = [failure["cause"] for failure in execution.failures]
    return execution.status, execution.restarts, causes


def test_the_attempt_of_another_worker_goes_on(delivered):
    execution = JobExecutionFactory(**RESTARTABLE, status=Status.STARTED, attempt=2)
    assert facts(lose(execution, 1)) == (Status.STARTED, 0, [])
    assert delivered == []


def test_an_attempt_that_was_under_way_is_given_back_and_handed_over(delivered):
    execution = JobExecutionFactory(**RESTARTABLE, status=Status.STARTED, attempt=1)
    assert facts(lose(execution, 1)) == (Status.STARTING, 1, ["killed"])
    assert delivered == [execution]


def test_an_attempt_that_had_given_way_is_handed_over_and_no_death_is_counted(delivered):
    execution = JobExecutionFactory(**RESTARTABLE, attempt=1)
    assert facts(lose(execution, 1)) == (Status.STARTING, 0, [])
    assert delivered == [execution]


@pytest.mark.parametrize("begun", [0, 1], ids=["before its start", "in its start"])
@pytest.mark.parametrize("job_type", ["restartable", "counting"])
def test_what_dies_before_it_runs_is_noted_and_handed_over_at_once(delivered, job_type, begun):
    execution = JobExecutionFactory(job_type=job_type)
    queue_took_it(execution)
    assert facts(lose(execution, begun)) == (Status.STARTING, 1, ["killed"])
    assert delivered == [execution]


def test_what_always_dies_before_it_runs_fails_with_its_cause(delivered, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "RESTARTS": 2}
    execution = JobExecutionFactory()
    for _ in range(2):
        queue_took_it(execution)
        lose(execution, 0)
    assert facts(lose(execution, 0)) == (Status.FAILED, 2, ["killed"] * 3)
    assert delivered == [execution] * 2
    assert execution.notifications.count() == 1
    assert "signal 9 (SIGKILL)" in lose(execution, 0).failures[-1]["reason"]


def test_what_waits_for_a_slot_is_not_handed_over(delivered):
    execution = JobExecutionFactory(is_waiting_for_slot=True)
    again = lose(execution, 0)
    assert facts(again) == (Status.STARTING, 0, [])
    assert (again.is_waiting_for_slot, delivered) == (True, [])


@pytest.mark.parametrize(("attempt", "status"), [(1, Status.STARTED), (2, Status.STARTING)])
def test_a_part_is_given_back_by_who_had_it(delivered, attempt, status):
    part = StepExecutionFactory(part=3, status=Status.STARTED, attempt=2)
    lose_killed(f"{part.execution.uuid}_{part.position}_3", attempt, signal.SIGKILL)
    part.refresh_from_db()
    assert (part.status, delivered) == (status, [])


def queue_took_it(execution):
    JobExecution.objects.filter(pk=execution.pk).update(delivered_at=execution.created_at)


# The work-horse


class Watch:
    """Remembers what the worker tells it."""

    def __init__(self):
        self.told = []

    def ensure(self):
        self.told.append("be there")

    def hand(self, job_id, pid):
        self.told.append((job_id, pid))


@pytest.fixture
def job_worker(monkeypatch):
    """A worker without a Redis, whose work-horses give way or end with code 1."""
    for name in ("RQ_WORKER_ID", "RQ_JOB_ID"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(JobWorker, "procline", lambda *_: None)
    monkeypatch.setattr(JobWorker, "main_work_horse", give_way_as_a_work_horse)
    monkeypatch.setattr(worker, "PAUSE", 0)
    one = JobWorker([django_rq.get_queue("default")], prepare_for_work=False)
    one.watch, one.pid = Watch(), os.getpid()
    return one


def give_way_as_a_work_horse(self, job, queue):
    """Wait for the order of the worker, learn to obey it, and say whether it came through."""
    obeys = False
    try:
        wait_until(lambda: GIVE_WAY in signal.sigpending(), timeout=5)
        self.setup_work_horse_signals()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        obeys = runner.gives_way and not blocked & set(ORDERS)
    finally:
        os._exit(0 if obeys else 1)


def end_of_the_work_horse(job_worker):
    _pid, wait_status = os.waitpid(job_worker.horse_pid, 0)
    return os.waitstatus_to_exitcode(wait_status)


def test_a_work_horse_that_is_born_in_a_shutdown_gives_way(job_worker):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    job_worker._stop_requested = True
    job_worker.fork_work_horse(SimpleNamespace(id="job"), None)
    assert end_of_the_work_horse(job_worker) == 0
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    assert job_worker.watch.told == ["be there", ("job", job_worker.horse_pid)]


def test_a_work_horse_that_has_learnt_nothing_yet_loses_no_order(job_worker):
    job_worker.fork_work_horse(SimpleNamespace(id="job"), None)
    job_worker.handle_warm_shutdown_request()
    assert end_of_the_work_horse(job_worker) == 0


def test_a_shutdown_finds_a_work_horse_that_has_just_ended(job_worker, monkeypatch):
    monkeypatch.setattr(JobWorker, "main_work_horse", lambda *_: os._exit(0))
    job_worker.fork_work_horse(SimpleNamespace(id="job"), None)
    assert end_of_the_work_horse(job_worker) == 0
    job_worker.handle_warm_shutdown_request()


def test_an_idle_worker_looks_after_its_watch_though_redis_is_away(job_worker):
    job_worker.heartbeat()
    assert job_worker.watch.told == ["be there"]


def test_a_work_horse_leaves_the_watch_to_its_worker(job_worker):
    job_worker._is_horse = True
    job_worker.heartbeat()
    assert job_worker.watch.told == []
