import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from akeneo_jobs import actions, queue
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution, JobFile
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, JobProfileFactory, UserFactory
from tests.job_types import CountingJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(monkeypatch):
    """The executions handed to the queue."""
    executions = []
    monkeypatch.setattr(queue, "enqueue", executions.append)
    return executions


def test_a_launch_records_the_operation_and_hands_it_over_on_commit(
    delivered, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        execution = actions.launch("counting", parameters={"count": 2})
    assert (execution.status, delivered) == (Status.STARTING, [])
    callbacks[0]()
    assert delivered == [execution]


@pytest.mark.django_db(transaction=True)
def test_a_launch_that_is_rolled_back_is_never_handed_over(delivered):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.launch("counting")
        raise ZeroDivisionError
    assert delivered == []
    assert not JobExecution.objects.exists()


def test_a_class_launches_as_well_as_its_code():
    assert actions.launch(CountingJob).job_type == "counting"


def test_a_profile_gives_parameters_and_a_launch_overrides_them():
    profile = JobProfileFactory(parameters={"count": 5}, label="Nightly")
    execution = actions.launch_profile(profile, parameters={"password": "x"})
    assert execution.parameters == {"count": 5, "password": "x"}
    assert (execution.label, execution.profile) == ("Nightly", profile)


@pytest.mark.parametrize("user", [AnonymousUser(), "no permission"])
def test_who_may_not_launch_is_refused_and_nothing_is_recorded(user):
    user = UserFactory() if isinstance(user, str) else user
    with pytest.raises(PermissionDenied):
        actions.launch("restricted", user=user)
    assert not JobExecution.objects.exists()


@pytest.mark.parametrize(
    ("job_type", "parameters"),
    [
        ("unknown", {}),
        ("counting", {"count": "x"}),
        ("counting", {"typo": 1}),
        ("copying", {}),
        ("copying", {"file": ContentFile(b"x", name="a.txt"), "mode": "sideways"}),
    ],
)
def test_wrong_parameters_are_refused_and_nothing_is_recorded(job_type, parameters):
    with pytest.raises(ValidationError):
        actions.launch(job_type, parameters=parameters)
    assert not JobExecution.objects.exists()
    assert not JobFile.objects.exists()


def test_the_name_of_an_upload_leads_nowhere_else():
    upload = ContentFile(b"x", name="../../etc/pass wd<b>.csv")
    execution = actions.launch("copying", parameters={"file": upload})
    row = execution.files.get()
    assert row.name == "pass wd<b>.csv"
    assert ".." not in row.file.name
    assert row.file.name.endswith("pass_wdb.csv")


def test_a_waiting_execution_is_stopped_at_once():
    execution = JobExecutionFactory(status=Status.STARTING)
    actions.stop(execution, execution.user)
    assert execution.status == Status.STOPPED
    assert execution.ended_at is not None


def test_a_running_execution_is_asked_to_stop():
    execution = JobExecutionFactory(status=Status.STARTED)
    actions.stop(execution, execution.user)
    assert (execution.status, execution.ended_at) == (Status.STOPPING, None)


def test_a_stop_that_races_with_the_start_still_reaches_the_worker():
    execution = JobExecutionFactory(status=Status.STARTING)
    JobExecution.objects.update(status=Status.STARTED)
    actions.stop(execution, execution.user)
    assert execution.status == Status.STOPPING


def test_a_finished_execution_cannot_be_stopped():
    execution = JobExecutionFactory(status=Status.COMPLETED)
    with pytest.raises(InvalidTransition):
        actions.stop(execution, execution.user)


def test_only_the_owner_stops():
    execution = JobExecutionFactory(status=Status.STARTED)
    with pytest.raises(PermissionDenied):
        actions.stop(execution, UserFactory(is_staff=True))


def test_an_execution_of_a_dropped_job_type_can_be_stopped():
    execution = JobExecutionFactory(job_type="dropped", queue="dropped")
    actions.stop(execution, execution.user)
    assert execution.status == Status.STOPPED
