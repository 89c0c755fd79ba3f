"""Pause, resume, launch again: what a person may do and what becomes of it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from akeneo_jobs import actions, runner, testing
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests import job_types
from tests.factories import JobExecutionFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(execution):
    runner.run(execution.pk)
    execution.refresh_from_db()
    return execution


@pytest.fixture
def failed(monkeypatch):
    """An execution whose second step failed after its first chunk."""

    def refuse(self, items, context):
        if 30 in items:
            raise OSError("No space left on device")
        context.count("written", len(items))

    monkeypatch.setattr(job_types.Load, "write", refuse)
    execution = testing.run("two_steps", user=UserFactory())
    monkeypatch.undo()
    return execution


def test_a_failed_chunk_leaves_the_numbers_of_the_last_checkpoint(failed):
    first, second = failed.steps.all()
    assert (failed.status, first.status, second.status) == ("failed", "completed", "failed")
    assert (second.checkpoint, second.processed) == ([2, None, 2], 2)
    assert second.counts == {"read": 2, "written": 2}


def test_a_failed_execution_continues_after_its_last_checkpoint(failed):
    actions.resume(failed, failed.user)
    assert (failed.status, failed.error_count, failed.ended_at) == (Status.STARTING, 0, None)
    done = run(failed)
    first, second = done.steps.all()
    assert (done.status, done.attempt, first.counts) == (Status.COMPLETED, 2, {"read": 2})
    assert (second.counts, second.processed) == ({"read": 5, "written": 4}, 5)
    assert done.warning_count == second.warnings.count() == 1
    assert done.failures[0]["attempt"] == 1


def test_a_step_without_a_checkpoint_starts_anew(monkeypatch):
    execution = testing.run("broken", user=UserFactory())
    actions.resume(execution, execution.user)
    assert run(execution).steps.get().counts == {"read": 7}


def test_steps_that_have_changed_since_are_a_clear_failure(failed, monkeypatch):
    monkeypatch.setattr(job_types.TwoStepJob, "steps", [job_types.Load])
    actions.resume(failed, failed.user)
    assert run(failed).failures[-1]["reason"].startswith("The steps of this operation have changed")


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.STOPPED, Status.STARTED])
def test_what_neither_failed_nor_paused_cannot_be_resumed(status):
    execution = JobExecutionFactory(status=status)
    with pytest.raises(InvalidTransition):
        actions.resume(execution, execution.user)


def test_an_expected_failure_would_only_repeat_itself():
    execution = testing.run("failing", user=UserFactory())
    with pytest.raises(InvalidTransition):
        actions.resume(execution, execution.user)


def test_only_a_restartable_execution_pauses():
    plain = JobExecutionFactory(status=Status.STARTED)
    restartable = JobExecutionFactory(status=Status.STARTED, job_type="restartable")
    with pytest.raises(InvalidTransition):
        actions.pause(plain, plain.user)
    actions.pause(restartable, restartable.user)
    assert restartable.status == Status.PAUSING


def test_launching_again_takes_parameters_files_and_profile_along():
    upload = ContentFile(b"text", name="in.txt")
    first = testing.run("copying", user=UserFactory(), parameters={"file": upload, "mode": "slow"})
    second = actions.relaunch(first, first.user)
    assert (second.parent, second.parameters) == (first, first.parameters)
    assert second.files.get().file.read() == b"text"
    assert second.files.get().file.name != first.files.get(role="input").file.name


def test_who_may_not_download_cannot_take_the_files_of_others_along():
    from django.contrib.auth.models import Permission

    upload = ContentFile(b"text", name="in.txt")
    first = testing.run("copying", user=UserFactory(), parameters={"file": upload})
    controller = UserFactory()
    controller.user_permissions.add(Permission.objects.get(codename="control_jobexecution"))
    with pytest.raises(PermissionDenied):
        actions.relaunch(first, controller)
    assert JobExecution.objects.count() == 1


@pytest.mark.parametrize("act", ["pause", "resume", "relaunch"])
def test_the_pages_say_why_it_is_too_late(client, act):
    execution = JobExecutionFactory(status=Status.STARTED)
    client.force_login(execution.user)
    response = client.post(f"/jobs/executions/{execution.uuid}/{act}/", follow=True)
    assert "not possible any more, or not yet" in response.content.decode()
