"""Processes that die, and executions that go on all the same."""

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution, Notification, StepWarning
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

FAST = '{"DEAD_AFTER": 3.0, "UPKEEP_INTERVAL": 0.5, "STOP_AFTER": 2.0}'


@pytest.fixture
def worker(worker, monkeypatch):
    """Workers that notice a death within seconds."""
    monkeypatch.setenv("TEST_AKENEO_JOBS", FAST)
    return worker


@pytest.fixture
def ended(wait_until):
    def wait(execution, timeout=40):
        wait_until(lambda: reread(execution).is_finished, timeout=timeout)
        return reread(execution)

    return wait


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)


def horse_of(worker):
    """Return the process that does the work, not the one that watches."""
    return next(
        child
        for child in psutil.Process(worker.pid).children()
        if os.getpgid(child.pid) == child.pid
    )


def is_well_under_way(execution):
    step = reread(execution).steps.first()
    return step is not None and step.processed >= 60


def assert_everything_once(execution, count=400):
    numbers = sorted(
        int(name.rsplit("-", 1)[1])
        for name in Group.objects.filter(name__startswith=execution.uuid).values_list(
            "name", flat=True
        )
    )
    assert numbers == [number for number in range(count) if number % 10 != 9]
    step = execution.steps.get()
    assert (step.counts, step.processed) == ({"read": count, "created": len(numbers)}, count)
    assert execution.warning_count == step.warning_count == count // 10
    assert StepWarning.objects.filter(step=step).count() == count // 10
    group = step.warning_groups.get()
    assert (group.count, group.first_position, group.last_position) == (count // 10, 10, count)


def test_a_restartable_execution_survives_the_kill_of_its_work_horse(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("restartable", user=UserFactory())
    wait_until(lambda: is_well_under_way(execution))
    horse_of(process).kill()
    done = ended(execution)
    assert (done.status, done.attempt, done.restarts) == (Status.COMPLETED, 2, 1)
    assert_everything_once(done)
    assert done.failures[0]["cause"] == "killed"
    assert Notification.objects.get().level == "warning"


def test_a_restartable_execution_survives_worker_and_horse(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("restartable")
    wait_until(lambda: is_well_under_way(execution))
    horse = horse_of(process)
    process.kill()
    horse.kill()
    worker()
    done = ended(execution)
    assert (done.status, done.attempt) == (Status.COMPLETED, 2)
    assert done.failures[0]["cause"] == "lost"
    assert_everything_once(done)


def test_an_orphan_that_was_replaced_writes_nothing(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("restartable")
    wait_until(lambda: is_well_under_way(execution))
    horse = horse_of(process)
    process.kill()
    horse.send_signal(signal.SIGSTOP)  # Before the kill, the kernel would hang it up with SIGHUP.
    worker()
    done = ended(execution)
    before = JobExecution.objects.filter(pk=execution.pk).values().get()
    horse.send_signal(signal.SIGCONT)
    wait_until(lambda: not horse.is_running() or horse.status() == psutil.STATUS_ZOMBIE)
    assert JobExecution.objects.filter(pk=execution.pk).values().get() == before
    assert_everything_once(done)


def test_an_orphan_that_lives_completes_its_work(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("restartable")
    wait_until(lambda: is_well_under_way(execution))
    process.kill()
    worker()
    assert_everything_once(ended(execution))


def test_a_deploy_lets_a_restartable_execution_give_way(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("restartable")
    wait_until(lambda: is_well_under_way(execution))
    process.terminate()
    wait_until(lambda: not process.is_running)
    assert reread(execution).status == Status.STARTING
    worker()
    done = ended(execution)
    assert (done.status, done.attempt, done.restarts, done.failures) == ("completed", 2, 0, [])
    assert_everything_once(done)


def test_an_execution_whose_worker_vanished_fails_with_its_cause(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("endless", user=UserFactory())
    wait_until(lambda: reread(execution).processed > 0)
    horse = horse_of(process)
    process.kill()
    horse.kill()
    worker()
    failed = ended(execution)
    assert (failed.status, failed.failures[0]["cause"]) == (Status.FAILED, "lost")
    assert failed.ended_at == failed.heartbeat_at
    assert timezone.now() - failed.ended_at < timedelta(seconds=30)
    assert Notification.objects.get().level == "error"


def test_a_failed_execution_is_resumed_after_its_last_checkpoint(worker, ended, wait_until):
    process = worker()
    user = UserFactory()
    execution = actions.launch("restartable", user=user)
    JobExecution.objects.update(restarts=99)
    wait_until(lambda: is_well_under_way(execution))
    horse_of(process).kill()
    failed = ended(execution)
    assert failed.status == Status.FAILED
    actions.resume(failed, user)
    wait_until(lambda: reread(execution).status == Status.COMPLETED)
    assert_everything_once(reread(execution))
    assert [one.level for one in Notification.objects.order_by("created_at")] == [
        "error",
        "warning",
    ]


def test_a_paused_execution_waits_and_continues(worker, ended, wait_until):
    worker()
    user = UserFactory()
    execution = actions.launch("restartable", user=user, parameters={"pause": 0.02})
    wait_until(lambda: is_well_under_way(execution))
    actions.pause(reread(execution), user)
    wait_until(lambda: reread(execution).status == Status.PAUSED)
    assert reread(execution).ended_at is None
    actions.resume(reread(execution), user)
    assert_everything_once(ended(execution))


def test_a_job_that_blocks_is_not_taken_for_dead_but_stopped_hard(worker, ended, wait_until):
    worker()
    user = UserFactory()
    execution = actions.launch("blocking", user=user)
    wait_until(lambda: reread(execution).status == Status.STARTED)
    wait_until(lambda: timezone.now() - reread(execution).started_at > timedelta(seconds=6))
    assert reread(execution).status == Status.STARTED
    actions.stop(reread(execution), user)
    assert ended(execution).status == Status.STOPPED


def test_a_time_limit_ends_an_operation_with_its_cause(worker, ended):
    worker()
    failed = ended(actions.launch("limited"))
    assert (failed.status, failed.failures[0]["cause"]) == (Status.FAILED, "timeout")


def test_a_flushed_redis_loses_nothing(worker, ended, redis):
    executions = [actions.launch("counting") for _ in range(30)]
    redis.flushall()
    JobExecution.objects.update(delivered_at=timezone.now() - timedelta(minutes=1))
    worker()
    assert {ended(one, 60).status for one in executions} == {Status.COMPLETED}
    assert {reread(one).attempt for one in executions} == {1}


@pytest.mark.parametrize("dies_with_its_worker", [False, True])
def test_who_waits_for_a_slot_runs_when_its_holder_was_killed(
    dies_with_its_worker, worker, wait_until
):
    process = worker()
    holder = actions.launch("sole")
    wait_until(lambda: reread(holder).processed > 0)
    worker()
    waiting = actions.launch("sole")
    wait_until(lambda: reread(waiting).is_waiting_for_slot)
    horse = horse_of(process)
    if dies_with_its_worker:
        process.kill()
    horse.kill()
    wait_until(lambda: reread(waiting).status == Status.STARTED)
    assert (reread(holder).status, reread(holder).slot) == (Status.FAILED, None)


def test_who_waits_for_a_slot_runs_soon_after_its_holder_was_stopped(worker, wait_until):
    worker()
    worker()
    user = UserFactory()
    executions = [actions.launch("sole", user=user) for _ in range(3)]
    started = JobExecution.objects.filter(status=Status.STARTED)
    for _ in executions:
        holder = wait_until(started.first)
        assert JobExecution.objects.running().count() == 1
        actions.stop(holder, user)
    wait_until(lambda: not JobExecution.objects.active().exists())
    assert {reread(one).attempt for one in executions} == {1}
