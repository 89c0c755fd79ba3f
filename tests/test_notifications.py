import pytest
from django.utils import translation

from akeneo_jobs import actions, outcomes, testing
from akeneo_jobs.models import Notification
from akeneo_jobs.statuses import Status
from tests.factories import (
    JobExecutionFactory,
    JobProfileFactory,
    NotificationFactory,
    UserFactory,
)
from tests.job_types import CountingJob

pytestmark = pytest.mark.django_db


def messages_of(user):
    return [notification.message for notification in Notification.objects.of(user)]


@pytest.mark.parametrize(
    ("job_type", "message", "level"),
    [
        ("counting", "Export “Counting job” finished", "success"),
        ("warning", "Import “Warning job” finished with some warnings", "warning"),
        ("failing", "Rule execution “Failing job” failed", "error"),
        ("broken", "Project calculation “Broken job” failed", "error"),
        ("two_steps", "Night shift “Two steps” finished with some warnings", "warning"),
    ],
)
def test_the_launcher_is_told_the_outcome_in_the_words_of_its_kind(job_type, message, level):
    user = UserFactory()
    testing.run(job_type, user=user)
    assert messages_of(user) == [message]
    assert Notification.objects.get().level == level


def test_whom_the_profile_names_is_told_too_each_once():
    user, colleague = UserFactory.create_batch(2)
    profile = JobProfileFactory()
    profile.notified_users.set([user, colleague])
    testing.run("counting", user=user, profile=profile)
    assert len(messages_of(user)) == len(messages_of(colleague)) == 1


def test_a_job_type_adds_people(monkeypatch):
    guest = UserFactory()
    monkeypatch.setattr(CountingJob, "notified", lambda self, execution: [guest])
    testing.run("counting", user=UserFactory())
    assert len(messages_of(guest)) == 1


def test_a_broken_hook_keeps_nobody_from_being_told(monkeypatch):
    monkeypatch.setattr(CountingJob, "notified", lambda self, execution: 1 / 0)
    user = UserFactory()
    execution = testing.run("counting", user=user)
    assert execution.status == Status.COMPLETED
    assert len(messages_of(user)) == 1


def test_a_failure_to_notify_does_not_change_the_outcome(monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Notification.objects, "bulk_create", refuse)
    assert testing.run("counting", user=UserFactory()).status == Status.COMPLETED


def test_who_stops_an_operation_is_not_told_that_it_stopped():
    execution = JobExecutionFactory()
    actions.stop(execution, execution.user)
    assert not Notification.objects.exists()


def test_one_outcome_is_told_once():
    execution = JobExecutionFactory(status=Status.STARTED, attempt=1)
    NotificationFactory(execution=execution, attempt=1)
    outcomes.end(execution, "complete")
    assert Notification.objects.count() == 1


def test_the_reader_reads_their_own_language():
    notification = NotificationFactory(execution__kind="import")
    with translation.override("fr"):
        assert notification.message == "L’import de «\xa0Counting job\xa0» est terminé"


def test_reading_marks_once():
    notification = NotificationFactory()
    actions.mark_read(Notification.objects.of(notification.user))
    notification.refresh_from_db()
    first = notification.read_at
    actions.mark_read(Notification.objects.of(notification.user))
    notification.refresh_from_db()
    assert notification.read_at == first is not None


def test_a_click_marks_one_read_and_opens_the_report(client):
    notification = NotificationFactory()
    client.force_login(notification.user)
    response = client.post(f"/jobs/notifications/{notification.pk}/read/")
    assert response.url == notification.execution.get_absolute_url()
    notification.refresh_from_db()
    assert notification.is_read


def test_nobody_reads_the_notifications_of_others(client):
    notification = NotificationFactory()
    client.force_login(UserFactory())
    assert client.post(f"/jobs/notifications/{notification.pk}/read/").status_code == 404
    client.post("/jobs/notifications/read-all/")
    notification.refresh_from_db()
    assert not notification.is_read
