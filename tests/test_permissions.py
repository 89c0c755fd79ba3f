import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from akeneo_jobs.models import JobExecution
from akeneo_jobs.permissions import JobPolicy, get_policy
from tests.factories import JobExecutionFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db


def holder_of(codename, **kwargs):
    user = UserFactory(**kwargs)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return user


def listed_for(user):
    return set(JobExecution.objects.listed_for(user))


def viewable_by(user):
    return set(JobExecution.objects.viewable_by(user))


def test_people_list_their_own_executions_only_superusers_too():
    own = JobExecutionFactory(user__is_superuser=True)
    JobExecutionFactory()
    assert listed_for(own.user) == {own}


def test_an_execution_without_a_user_is_nobodys_own():
    JobExecutionFactory(user=None)
    assert listed_for(UserFactory(is_superuser=True)) == set()
    assert listed_for(AnonymousUser()) == set()


def test_view_all_needs_the_setting_and_the_permission(settings):
    execution = JobExecutionFactory()
    viewer = holder_of("view_all_jobexecutions")
    assert listed_for(viewer) == set()
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "VIEW_ALL": True}
    assert listed_for(viewer) == {execution}
    assert listed_for(UserFactory()) == set()


@pytest.mark.parametrize(
    ("access", "other", "staff"),
    [("link", True, True), ("staff", False, True), ("owner", False, False), ("typo", False, False)],
)
def test_who_opens_a_report_by_its_url_is_a_setting(settings, access, other, staff):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REPORT_ACCESS": access}
    execution = JobExecutionFactory()
    assert viewable_by(execution.user) == {execution}
    assert bool(viewable_by(UserFactory())) is other
    assert bool(viewable_by(UserFactory(is_staff=True))) is staff
    assert viewable_by(AnonymousUser()) == set()


def test_who_is_notified_opens_the_report_whatever_the_setting(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REPORT_ACCESS": "owner"}
    notification = NotificationFactory(user=UserFactory())
    assert viewable_by(notification.user) == {notification.execution}
    assert listed_for(notification.user) == set()


@pytest.mark.parametrize(
    ("act", "codename"),
    [("can_download", "download_jobfile"), ("can_control", "control_jobexecution")],
)
def test_files_and_control_are_the_owners_and_permission_holders(act, codename):
    execution = JobExecutionFactory()
    may = getattr(get_policy(), act)
    assert may(execution.user, execution)
    assert may(holder_of(codename), execution)
    assert not may(UserFactory(is_staff=True), execution)
    assert not may(AnonymousUser(), execution)


def test_nobody_owns_an_execution_without_a_user():
    execution = JobExecutionFactory(user=None)
    assert not get_policy().can_control(AnonymousUser(), execution)
    assert not get_policy().can_download(UserFactory(), execution)


class OpenPolicy(JobPolicy):
    def list(self, executions, user):
        return executions


def test_a_host_replaces_the_policy(settings):
    settings.AKENEO_JOBS = {"POLICY": "tests.test_permissions.OpenPolicy"}
    execution = JobExecutionFactory()
    assert listed_for(UserFactory()) == {execution}
