"""From launch to report, with a real Redis and a real worker process."""

import os
import signal
import subprocess

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from rest_framework.test import APIClient

from akeneo_jobs import actions, queue
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from example_project.services import manage
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ended(wait_until):
    """Wait until an execution has ended and return it."""

    def wait(execution):
        wait_until(lambda: reread(execution).is_finished)
        return reread(execution)

    return wait


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)


def horses(worker):
    return psutil.Process(worker.pid).children()


def test_a_launch_from_the_page_is_run_by_a_worker(client, worker, ended):
    worker()
    client.force_login(UserFactory())
    upload = SimpleUploadedFile("in.txt", b"text")
    response = client.post("/jobs/launch/copying/", {"file": upload, "mode": "fast"}, follow=True)
    execution = ended(JobExecution.objects.get())
    assert response.redirect_chain == [(execution.get_absolute_url(), 302)]
    assert execution.status == Status.COMPLETED
    output = execution.files.get(role="output")
    assert b"".join(client.get(output.get_absolute_url()).streaming_content) == b"text"


def test_a_launch_from_the_api_is_run_by_a_worker(worker, ended):
    worker()
    client = APIClient()
    client.force_authenticate(UserFactory())
    url = client.post("/api/jobs/job-types/counting/launch/", {"count": 4}, format="json").json()
    execution = ended(JobExecution.objects.get(uuid=url["id"]))
    report = client.get(f"/api/jobs/executions/{execution.uuid}/").json()
    assert (report["status"], report["steps"][0]["counts"]) == ("completed", {"read": 4})


def test_a_launch_from_the_command_waits_for_the_outcome(worker, child_env):
    worker()
    UserFactory(username="julia")
    command = manage("launch_job", "warning", "--user", "julia", "--wait")
    done = subprocess.run(
        command, env={**os.environ, **child_env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "2 is odd" in done.stdout
    assert JobExecution.objects.get().user.username == "julia"


def test_a_running_operation_beats_and_stops_at_its_next_item(worker, ended, wait_until):
    worker()
    execution = actions.launch("endless", user=UserFactory())
    wait_until(lambda: reread(execution).processed > 0)
    assert reread(execution).status == Status.STARTED
    actions.stop(reread(execution), execution.user)
    stopped = ended(execution)
    assert (stopped.status, stopped.steps.get().status) == (Status.STOPPED, Status.STOPPED)
    assert stopped.steps.get().processed == stopped.processed > 0


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer: no beat inside a transaction."
)
def test_progress_is_visible_while_the_job_holds_a_transaction(worker, ended, wait_until):
    worker()
    execution = actions.launch("atomic", parameters={"seconds": 60}, user=UserFactory())
    wait_until(lambda: reread(execution).processed > 0)
    actions.stop(reread(execution), execution.user)
    assert ended(execution).status == Status.STOPPED


def test_a_transaction_over_a_whole_job_neither_blocks_nor_fails_it(worker, ended):
    worker()
    execution = ended(actions.launch("atomic", parameters={"seconds": 3}))
    assert (execution.status, execution.processed) == (Status.COMPLETED, 300)


def test_a_killed_work_horse_is_noticed_and_named(worker, ended, wait_until):
    process = worker()
    execution = actions.launch("endless", user=UserFactory())
    wait_until(lambda: reread(execution).processed > 0)
    for horse in horses(process):
        horse.send_signal(signal.SIGKILL)
    failed = ended(execution)
    assert (failed.status, failed.level, failed.issue_count) == ("failed", "error", 1)
    assert failed.failures[0]["cause"] == "killed"
    assert "SIGKILL" in failed.failures[0]["reason"]
    assert failed.ended_at == failed.heartbeat_at
    assert failed.steps.get().status == Status.FAILED


def test_a_worker_goes_on_after_its_horse_was_killed(worker, ended, wait_until):
    process = worker()
    first = actions.launch("endless", user=UserFactory())
    wait_until(lambda: reread(first).processed > 0)
    for horse in horses(process):
        horse.kill()
    ended(first)
    assert ended(actions.launch("counting")).status == Status.COMPLETED


def test_a_rolled_back_launch_never_runs(worker, ended, redis):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.launch("counting")
        raise ZeroDivisionError
    assert redis.llen("rq:queue:default") == 0
    worker()
    kept = actions.launch("counting")
    assert ended(kept).status == Status.COMPLETED
    assert JobExecution.objects.get() == kept


def test_two_deliveries_run_once(worker, ended):
    execution = actions.launch("counting")
    queue.enqueue(execution)
    worker()
    assert ended(execution).attempt == 1
    assert ended(actions.launch("counting")).attempt == 1


def test_redis_holds_a_primary_key_and_nothing_else(redis):
    execution = actions.launch("counting", parameters={"password": "hush"})
    job = queue.queue_of(execution).fetch_job(str(execution.uuid))
    assert (job.args, job.kwargs) == ((execution.pk,), {})
    dump = b"".join(value for key in redis.scan_iter() for value in _contents(redis, key))
    assert b"hush" not in dump


def _contents(redis, key):
    kind = redis.type(key)
    if kind == b"hash":
        return redis.hgetall(key).values()
    if kind == b"list":
        return redis.lrange(key, 0, -1)
    return [redis.get(key) or b""] if kind == b"string" else []
