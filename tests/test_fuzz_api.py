"""Requests that nobody meant: the API refuses them, it does not break."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from akeneo_jobs.models import JobExecution
from tests.factories import (
    JobExecutionFactory,
    JobProfileFactory,
    NotificationFactory,
    StepExecutionFactory,
    UserFactory,
)

BOUNDS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXT = st.text(max_size=30)
NUMBER = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
NAMES = [
    *("status", "kind", "level", "job_type", "search", "user", "profile", "limit", "cursor"),
    *("page_size", "cause", "ordering", "created_after", "format", "parameters", "code", "label"),
    *("notified_users", "count", "file", "mode", "language"),
]
JSON = st.recursive(
    SCALAR,
    lambda some: (
        st.lists(some, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | TEXT, some, max_size=4)
    ),
    max_leaves=8,
)
QUERY = st.dictionaries(st.sampled_from(NAMES) | TEXT, st.lists(TEXT, min_size=1, max_size=2))
LISTS = ["executions", "job-types", "profiles", "notifications", "notifications/unread-count"]
DETAILS = ["", "warnings/", "files/", "log/", "stop/", "pause/", "resume/", "relaunch/"]


@pytest.fixture
def julia(db):
    return UserFactory(username="julia", is_superuser=True)


@pytest.fixture
def client(julia):
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(julia)
    return client


@pytest.fixture
def execution(julia):
    execution = JobExecutionFactory(user=julia, status="completed")
    StepExecutionFactory(execution=execution)
    NotificationFactory(execution=execution)
    return execution


def assert_answered(response):
    assert response.status_code < 500, (response.request["PATH_INFO"], response.content[:500])
    assert b"Traceback" not in getattr(response, "content", b"")


@BOUNDS
@given(st.sampled_from(LISTS), QUERY)
def test_no_query_breaks_a_list(client, execution, name, query):
    assert_answered(client.get(f"/api/jobs/{name}/", query))


@BOUNDS
@given(st.sampled_from(LISTS[:4]), st.text(min_size=1, max_size=40), st.sampled_from(DETAILS))
def test_no_path_breaks_a_detail(client, execution, name, value, suffix):
    path = f"/api/jobs/{name}/{quote(value, safe='')}/{suffix}"
    assert_answered(client.get(path))
    assert_answered(client.post(path))


@BOUNDS
@given(st.sampled_from(DETAILS), QUERY, JSON)
def test_nothing_breaks_what_is_asked_of_an_execution(client, execution, suffix, query, body):
    path = f"/api/jobs/executions/{execution.uuid}/{suffix}"
    assert_answered(client.get(path, query))
    assert_answered(client.post(path, body, format="json"))


@BOUNDS
@given(st.sampled_from(["counting", "copying", "two_steps", "restartable"]), JSON)
def test_no_body_breaks_a_launch(client, job_type, body):
    before = JobExecution.objects.count()
    response = client.post(f"/api/jobs/job-types/{job_type}/launch/", body, format="json")
    assert_answered(response)
    assert (JobExecution.objects.count() > before) == (response.status_code == 201)


@BOUNDS
@given(st.binary(max_size=60), st.sampled_from(["application/json", "multipart/form-data", "x"]))
def test_no_bytes_break_a_launch(client, content, content_type):
    path = "/api/jobs/job-types/counting/launch/"
    assert_answered(client.generic("POST", path, content, content_type))


@BOUNDS
@given(JSON, JSON, JSON)
def test_no_body_breaks_a_profile(client, parameters, code, body):
    profile = JobProfileFactory()
    named = {"job_type": "counting", "code": code, "label": "Mine", "parameters": parameters}
    for content in (named, body):
        assert_answered(client.post("/api/jobs/profiles/", content, format="json"))
        assert_answered(client.patch(f"/api/jobs/profiles/{profile.code}/", content, format="json"))
        path = f"/api/jobs/profiles/{profile.code}/launch/"
        assert_answered(client.post(path, content, format="json"))
