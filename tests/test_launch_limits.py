"""What a launch refuses, hides and waits for."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from akeneo_jobs import JobType, actions, queue, queue_state, testing, upkeep
from akeneo_jobs.models import JobExecution, JobFile
from tests.factories import JobExecutionFactory, UserFactory
from tests.job_types import CountForm


def set_(settings, **values):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, **values}


@pytest.mark.django_db
def test_one_person_launches_only_so_often(settings):
    set_(settings, LAUNCHES_PER_MINUTE=2)
    user, other = UserFactory.create_batch(2)
    for _ in range(2):
        actions.launch("counting", user=user)
    with pytest.raises(ValidationError, match="Wait a little"):
        actions.launch("counting", user=user)
    actions.launch("counting", user=other)
    client = APIClient()
    client.force_authenticate(user)
    assert client.post("/api/jobs/job-types/counting/launch/").status_code == 429
    assert JobExecution.objects.count() == 3


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_refused(settings):
    set_(settings, UPLOAD_SIZE=3)
    with pytest.raises(ValidationError) as error:
        actions.launch("copying", parameters={"file": ContentFile(b"four", name="a.txt")})
    assert list(error.value.message_dict) == ["file"]
    assert not JobFile.objects.exists()


class TalkativeJob(JobType):
    code = "talkative"
    label = "Talkative job"
    kind = "rule"
    parameters_form = CountForm

    def run(self, context):
        context.log.info("logging in with %s", context.parameters["password"])
        raise RuntimeError(f"{context.parameters['password']} was refused")


@pytest.mark.django_db
def test_secrets_are_masked_in_log_and_failures():
    with testing.registered(TalkativeJob):
        execution = testing.run("talkative", parameters={"password": "hush-hush"})
    assert b"hush-hush" not in execution.log_file.file.read()
    assert "hush-hush" not in str(execution.failures)


@pytest.mark.django_db
def test_a_waiting_execution_says_what_it_waits_for(monkeypatch):
    execution = JobExecutionFactory()
    assert "waits for the queue" in queue_state.queue_state(execution)
    execution.delivered_at = timezone.now()
    monkeypatch.setattr(queue, "is_served", lambda name: False)
    assert "No worker listens to the queue “default”" in queue_state.queue_state(execution)
    monkeypatch.setattr(queue, "is_served", lambda name: True)
    monkeypatch.setattr(queue, "place_of", lambda execution: 7)
    assert queue_state.queue_state(execution) == "It is number 7 in the queue."


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/jobs/", "/jobs/launch/counting/"])
def test_pages_say_that_nobody_listens(client, monkeypatch, url):
    monkeypatch.setattr(queue, "is_served", lambda name: False)
    execution = JobExecutionFactory(delivered_at=timezone.now())
    client.force_login(execution.user)
    for path in (url, execution.get_absolute_url()):
        assert "No worker listens to the queue" in client.get(path).content.decode()


@pytest.fixture
def delivered(monkeypatch):
    executions = []
    monkeypatch.setattr(queue, "enqueue", executions.append)
    return executions


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_launch_waits_for_the_transaction_of_another_database(delivered):
    with transaction.atomic(using="other"):
        execution = actions.launch("counting")
        assert delivered == []
        upkeep.redeliver({})
        assert delivered == []
    assert delivered == [execution]
    execution.refresh_from_db()
    assert not execution.is_held


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_a_launch_whose_other_transaction_is_rolled_back_never_runs(delivered):
    with pytest.raises(ZeroDivisionError), transaction.atomic(using="other"):
        actions.launch("counting")
        raise ZeroDivisionError
    JobExecution.objects.update(created_at=timezone.now() - timedelta(hours=2))
    upkeep.redeliver({})
    upkeep.forget_held()
    assert delivered == []
    assert not JobExecution.objects.exists()
