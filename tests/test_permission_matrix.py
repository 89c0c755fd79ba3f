"""Every door × every person. A door that is missing here fails the last tests."""

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from akeneo_jobs import urls
from akeneo_jobs.api import urls as api_urls
from akeneo_jobs.templatetags import akeneo_jobs as tags
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    JobProfileFactory,
    NotificationFactory,
    StepExecutionFactory,
    StepWarningFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PEOPLE = ("owner", "another", "staff", "superuser", "anonymous")
ANSWERS = {
    "ok": {200, 201, 204, 302},
    "no": {401, 403},
    "404": {404},
    "late": {409},  # allowed, but not in the state in which it is
    "login": {302},
}

# What each door answers to owner, another user, staff, superuser, anonymous.
EVERYBODY = "ok ok ok ok login"
OWNER = "ok no no ok login"  # and who holds the permission, as a superuser does
HOLDERS = "no no no ok login"  # who holds the model permission
API_EVERYBODY = EVERYBODY.replace("login", "no")
API_OWNER = OWNER.replace("login", "no")
API_HOLDERS = HOLDERS.replace("login", "no")

PAGES = {
    ("process_tracker", "GET"): EVERYBODY,
    ("job_types", "GET"): EVERYBODY,
    ("launch", "GET"): EVERYBODY,
    ("launch", "POST"): EVERYBODY,
    ("report", "GET"): EVERYBODY,
    ("stop", "POST"): OWNER,
    ("pause", "POST"): OWNER,
    ("resume", "POST"): OWNER,
    ("relaunch", "POST"): OWNER,
    ("launch_for_real", "POST"): OWNER,
    ("repair", "POST"): OWNER,
    ("download", "GET"): OWNER,
    ("profiles", "GET"): HOLDERS,
    ("profile", "GET"): HOLDERS,
    ("profile", "POST"): HOLDERS,
    ("profile_create", "GET"): HOLDERS,
    ("profile_create", "POST"): HOLDERS,
    ("profile_edit", "GET"): HOLDERS,
    ("profile_edit", "POST"): HOLDERS,
    ("profile_delete", "GET"): HOLDERS,
    ("profile_delete", "POST"): HOLDERS,
    ("profile_duplicate", "POST"): HOLDERS,
    ("notifications", "GET"): EVERYBODY,
    ("notification_bell", "GET"): EVERYBODY,
    ("notification_read", "POST"): "ok 404 404 404 login",
    ("notifications_read_all", "POST"): EVERYBODY,
}
API = {
    ("execution-list", "GET"): API_EVERYBODY,
    ("execution-detail", "GET"): API_EVERYBODY,
    ("execution-warnings", "GET"): API_EVERYBODY,
    ("execution-files", "GET"): API_OWNER,
    ("execution-log", "GET"): API_OWNER,
    ("execution-stop", "POST"): API_OWNER,
    ("execution-pause", "POST"): "late no no late no",
    ("execution-resume", "POST"): "late no no late no",
    ("execution-relaunch", "POST"): "late no no late no",
    ("execution-launch-for-real", "POST"): "late no no late no",
    ("execution-repair", "POST"): "late no no late no",
    ("job-type-list", "GET"): API_EVERYBODY,
    ("job-type-detail", "GET"): API_EVERYBODY,
    ("job-type-launch", "POST"): API_EVERYBODY,
    ("profile-list", "GET"): API_HOLDERS,
    ("profile-list", "POST"): API_HOLDERS,
    ("profile-detail", "GET"): API_HOLDERS,
    ("profile-detail", "PUT"): API_HOLDERS,
    ("profile-detail", "PATCH"): API_HOLDERS,
    ("profile-detail", "DELETE"): API_HOLDERS,
    ("profile-launch", "POST"): API_EVERYBODY,
    ("notification-list", "GET"): API_EVERYBODY,
    ("notification-detail", "GET"): "ok 404 404 404 no",
    ("notification-read", "POST"): "ok 404 404 404 no",
    ("notification-read-all", "POST"): API_EVERYBODY,
    ("notification-unread-count", "GET"): API_EVERYBODY,
}
# Who sees the owner's operation in what each door shows.
LISTS = {
    "akeneo_jobs:process_tracker": "yes no no no no",
    "akeneo_jobs:notifications": "yes no no no no",
    "akeneo_jobs:notification_bell": "yes no no no no",
    "akeneo_jobs:profile": "- - - no -",
    "akeneo_jobs:profiles": "- - - no -",
    "akeneo_jobs_api:execution-list": "yes no no no no",
    "akeneo_jobs_api:notification-list": "yes no no no no",
    "admin:akeneo_jobs_jobexecution_changelist": "- - - no -",
}
TAGS = {
    "{% last_operations %}": "yes no no no no",
    "{% process_tracker %}": "yes no no no no",
    "{% notification_bell %}": "yes no no no no",
    "{% job_status execution %}": "yes yes yes yes no",
    "{% job_progress execution %}": "yes yes yes yes no",
    "{% can_stop execution as may %}{% if may %}Warning job{% endif %}": "yes no no yes no",
}
WITHOUT_ROWS = {
    "akeneo_jobs_head",
    "sort_header",
    "pages",
    "profile_menu",
}  # Tags that show no row of anybody.
ADMIN = {
    "akeneo_jobs_jobexecution_changelist": "login login no ok login",
    "akeneo_jobs_jobprofile_changelist": "login login no ok login",
}

ARGUMENTS = {
    "launch": lambda world: ["counting"],
    "job-type-detail": lambda world: ["counting"],
    "job-type-launch": lambda world: ["counting"],
    "launch_for_real": lambda world: [world.execution.uuid],
    "download": lambda world: [world.execution.uuid, world.file.pk],
    "profiles": lambda world: ["import"],
    "profile_create": lambda world: ["import"],
    "notification_read": lambda world: [world.notification.pk],
    "notification-detail": lambda world: [world.notification.pk],
    "notification-read": lambda world: [world.notification.pk],
    "profile-detail": lambda world: [world.profile.code],
    "profile-launch": lambda world: [world.profile.code],
}
BODIES = {
    "launch": {"count": 3},
    "profile_create": {"job_type": "warning", "code": "new", "label": "New"},
    "profile-list": {"job_type": "warning", "code": "new", "label": "New"},
    "profile-detail": {"code": "weekly", "label": "New", "job_type": "warning"},
    "profile_edit": {"code": "weekly", "label": "New"},
}
PARAMETERS = {"parameters-count": 3}

ACTS = ("report", "stop", "pause", "resume", "relaunch", "repair")


@pytest.fixture
def world():
    """One operation with all that belongs to it, and the five people."""
    owner = UserFactory(username="owner")
    profile = JobProfileFactory(code="weekly", kind="import", job_type="warning")
    execution = JobExecutionFactory(
        user=owner, job_type="warning", kind="import", profile=profile, status="started"
    )
    StepWarningFactory(step=StepExecutionFactory(execution=execution))
    JobFileFactory(execution=execution, role="log", name="log.txt")
    return SimpleNamespace(
        owner=owner,
        another=UserFactory(username="another"),
        staff=UserFactory(username="staff", is_staff=True),
        superuser=UserFactory(username="superuser", is_staff=True, is_superuser=True),
        anonymous=AnonymousUser(),
        profile=profile,
        execution=execution,
        file=JobFileFactory(execution=execution),
        notification=NotificationFactory(execution=execution, user=owner),
    )


def arguments(name, world):
    if name in ARGUMENTS:
        return ARGUMENTS[name](world)
    if name.startswith(("execution-", *ACTS)) and not name.endswith("-list"):
        return [world.execution.uuid]
    return (
        ["import", world.profile.code] if name.startswith("profile_") or name == "profile" else []
    )


def ask(person, world, namespace, name, method="GET"):
    client = APIClient()
    user = getattr(world, person)
    if user.is_authenticated:
        client.force_login(user)
    url = reverse(f"{namespace}:{name}", args=arguments(name, world))
    body = BODIES.get(name, {})
    if method == "GET":
        return client.get(url)
    if namespace == "akeneo_jobs":
        return client.post(url, {**PARAMETERS, **body})
    return getattr(client, method.lower())(url, body, format="json")


def expected(answers, person):
    return answers.split()[PEOPLE.index(person)]


def doors(table):
    return [
        pytest.param(*door, answers, id="-".join(door)) for door, answers in sorted(table.items())
    ]


def has_answered(response, answer):
    is_login = response.status_code == 302 and "/login/" in response.url
    return response.status_code in ANSWERS[answer] and is_login == (answer == "login")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("name", "method", "answers"), doors(PAGES))
def test_pages(world, person, name, method, answers):
    response = ask(person, world, "akeneo_jobs", name, method)
    assert has_answered(response, expected(answers, person)), response.status_code


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("name", "method", "answers"), doors(API))
def test_api(world, person, name, method, answers):
    response = ask(person, world, "akeneo_jobs_api", name, method)
    assert has_answered(response, expected(answers, person)), response.status_code


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("door", LISTS)
def test_lists(world, person, door):
    answer = expected(LISTS[door], person)
    namespace, name = door.split(":")
    text = ask(person, world, namespace, name).content.decode()
    if answer != "-":
        assert (str(world.execution.uuid) in text or world.notification.message in text) is (
            answer == "yes"
        )


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("tag", TAGS)
def test_tags(world, person, tag):
    request = RequestFactory().get("/")
    request.user = getattr(world, person)
    context = Context({"request": request, "execution": world.execution})
    text = Template("{% load akeneo_jobs %}" + tag).render(context).strip()
    shown = {"Started", "Warning job"} if "execution" in tag else {"Warning job"}
    assert any(word in text for word in shown) is (expected(TAGS[tag], person) == "yes")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ADMIN)
def test_admin(world, person, name):
    response = ask(person, world, "admin", name)
    assert has_answered(response, expected(ADMIN[name], person)), response.status_code


@pytest.mark.parametrize("person", PEOPLE)
def test_counts_and_filter_choices_tell_of_nobody_elses_operations(world, person):
    response = ask(person, world, "akeneo_jobs", "process_tracker")
    if person == "anonymous":
        assert response.status_code == 302
        return
    context = response.context_data
    choices = dict(context["filterset"].form.fields["kind"].choices)
    assert (context["paginator"].count, "import" in choices) == (
        (1, True) if person == "owner" else (0, False)
    )


def test_every_page_is_in_the_matrix():
    found = {
        (pattern.name, method.upper())
        for pattern in urls.urlpatterns
        for method in pattern.callback.view_class.http_method_names
        if method not in {"head", "options"} and hasattr(pattern.callback.view_class, method)
    }
    assert found == set(PAGES)


def test_every_api_route_is_in_the_matrix():
    found = {
        (pattern.name, method.upper())
        for pattern in api_urls.urlpatterns
        for method in pattern.callback.actions
        if method != "head"
    }
    assert found == set(API)


def test_every_tag_is_in_the_matrix():
    named = {tag.split()[1] for tag in TAGS} | WITHOUT_ROWS
    assert set(tags.register.tags) == named


def test_every_admin_is_in_the_matrix():
    found = {model for model in admin.site._registry if model._meta.app_label == "akeneo_jobs"}
    names = {f"akeneo_jobs_{model._meta.model_name}_changelist" for model in found}
    assert names == set(ADMIN)
