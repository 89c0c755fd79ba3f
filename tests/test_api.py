import base64
import json
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    StepExecutionFactory,
    StepWarningFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/api/jobs/executions/"


@pytest.fixture
def julia():
    return UserFactory(username="julia")


@pytest.fixture
def client(julia):
    client = APIClient()
    client.force_authenticate(julia)
    return client


def detail(execution, suffix=""):
    return f"{LIST}{execution.uuid}/{suffix}"


def ids(response):
    return [row["id"] for row in response.json()["results"]]


def all_pages(client, url):
    found = []
    while url:
        page = client.get(url).json()
        found += [row["id"] for row in page["results"]]
        url = page["next"]
    return found


def test_an_execution_reads_as_the_contract_says(client, julia):
    JobExecutionFactory(user=julia)
    row = client.get(LIST).json()["results"][0]
    assert set(row) == {
        *("id", "job_type", "kind", "label", "status", "status_label", "level", "issue_count"),
        *("warning_count", "error_count", "user", "profile", "parameters", "created_at"),
        *("started_at", "ended_at", "duration", "progress", "is_dry_run", "can_stop"),
        "url",
    }
    assert set(row["progress"]) == {
        *("processed", "total", "percent", "seconds_left", "current_step", "step_count"),
    }
    assert (row["user"], row["status_label"], row["can_stop"]) == ("julia", "Starting", True)


def test_a_detail_adds_steps_failures_and_files(client, julia):
    file = JobFileFactory(execution__user=julia)
    StepExecutionFactory(execution=file.execution)
    row = client.get(detail(file.execution)).json()
    assert [step["name"] for step in row["steps"]] == ["run"]
    assert row["files"][0]["name"] == "products.csv"
    assert row["failures"] == []


def test_nobody_lists_the_executions_of_others(client):
    JobExecutionFactory()
    assert ids(client.get(LIST)) == []


def test_anybody_logged_in_reads_a_report_by_its_url_but_not_its_files(client):
    file = JobFileFactory()
    response = client.get(detail(file.execution))
    assert (response.status_code, response.json()["files"]) == (200, [])
    assert client.get(detail(file.execution, "files/")).status_code == 403
    assert client.get(detail(file.execution, "log/")).status_code == 403


def test_an_anonymous_client_is_refused():
    execution = JobExecutionFactory()
    for url in (LIST, detail(execution), detail(execution, "warnings/"), "/api/jobs/job-types/"):
        assert APIClient().get(url).status_code in {401, 403}


def test_an_unknown_execution_is_not_found(client):
    unknown = JobExecution()
    assert client.get(detail(unknown)).status_code == 404
    assert client.post(detail(unknown, "stop/")).status_code == 404


def test_secrets_are_masked(client, julia):
    JobExecutionFactory(user=julia, parameters={"count": 3, "password": "hush"})
    assert "hush" not in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=failed", ["failed"]),
        ("status=failed&status=started", ["failed", "started"]),
        ("level=error", ["failed"]),
        ("level=running", ["started"]),
        ("kind=import", ["failed"]),
        ("job_type=counting", ["started"]),
        ("profile=nightly", ["started"]),
        ("search=JOB+count", ["started"]),
        ("search=warn", ["failed"]),
        ("created_after=2026-02-01T00:00:00Z", ["failed"]),
        ("created_before=2026-02-01T00:00:00Z", ["started"]),
        ("created_after=2026-02-01T00:00:00%2B16:00", ["failed"]),
        ("user=julia", ["failed", "started"]),
        ("user=peter", []),
        ("ordering=created_at", ["started", "failed"]),
    ],
)
def test_executions_are_filtered(client, julia, query, expected):
    from tests.factories import JobProfileFactory

    JobExecutionFactory(
        user=julia,
        status=Status.STARTED,
        created_at="2026-01-01T00:00Z",
        profile=JobProfileFactory(code="nightly"),
    )
    JobExecutionFactory(
        user=julia,
        status=Status.FAILED,
        job_type="warning",
        kind="import",
        created_at="2026-03-01T00:00Z",
    )
    rows = client.get(f"{LIST}?{query}").json()["results"]
    assert [row["status"] for row in rows] == expected


def test_a_wrong_filter_is_a_clear_400(client):
    response = client.get(f"{LIST}?status=nonsense&ordering=password")
    assert response.status_code == 400
    assert set(response.json()) == {"status", "ordering"}


@pytest.mark.parametrize("name", ["created_after", "created_before"])
@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "9999-99-99", "9" * 5000]
)
def test_a_moment_that_there_is_not_is_a_clear_400(client, name, moment):
    response = client.get(LIST, {name: moment})
    assert response.status_code == 400
    assert set(response.json()) == {name}


@pytest.mark.parametrize("words", ["job " * 60, "nothing-of-the-kind"])
def test_a_long_search_is_answered(client, julia, words):
    JobExecutionFactory(user=julia)
    expected = 1 if words.startswith("job") else 0
    assert len(client.get(LIST, {"search": words}).json()["results"]) == expected


def test_a_search_of_thousands_of_words_is_a_clear_400(client):
    assert client.get(LIST, {"search": "job " * 3000}).status_code == 400


def test_a_kind_without_operations_lists_none(client, julia):
    JobExecutionFactory(user=julia)
    response = client.get(LIST, {"kind": "import"})
    assert (response.status_code, ids(response)) == (200, [])
    assert client.get(LIST, {"kind": "a\0b"}).status_code == 400


def test_executions_are_sorted_by_what_is_shown(client, julia):
    for label, values in {
        "beta": {"warning_count": 3},
        "Alpha": {"warning_count": 1, "error_count": 9},
        "gamma": {"status": Status.FAILED},
    }.items():
        JobExecutionFactory(user=julia, profile_label=label, **values)
    JobExecutionFactory(user=julia)
    for ordering, expected in {
        "label": ["Alpha", "beta", "Counting job", "gamma"],
        "-issue_count": ["Alpha", "beta", "gamma", "Counting job"],
    }.items():
        rows = client.get(LIST, {"ordering": ordering}).json()["results"]
        assert [row["label"] for row in rows] == expected


@pytest.mark.parametrize(
    "ordering", ["-created_at", "started_at", "-user", "status", "kind", "label", "-issue_count"]
)
def test_pages_lose_and_repeat_nothing_among_equal_values(client, julia, ordering):
    executions = JobExecutionFactory.create_batch(
        11, user=julia, created_at="2026-01-01T00:00Z", started_at=None
    )
    found = all_pages(client, f"{LIST}?page_size=3&ordering={ordering}")
    assert len(found) == len(set(found)) == len(executions)


def test_a_page_leads_back_to_the_one_before(client, julia):
    JobExecutionFactory.create_batch(5, user=julia)
    first = client.get(f"{LIST}?page_size=2").json()
    second = client.get(first["next"]).json()
    assert first["previous"] is None
    back = client.get(second["previous"]).json()
    assert (back["results"], back["previous"]) == (first["results"], None)
    assert back["next"] is not None


def cursor_of(*position):
    return base64.urlsafe_b64encode(json.dumps(["next", position]).encode()).decode()


MOMENT, UUID = "2026-01-01T00:00:00Z", str(uuid4())


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "bm9uc2Vuc2U=",
        base64.urlsafe_b64encode(b"[" * 6000).decode(),
        cursor_of("a", "b"),
        cursor_of("a", "b", "c"),
        cursor_of("9999-12-31T23:59:59-23:59", MOMENT, UUID),
        cursor_of("0001-01-01T00:00:00+23:59", MOMENT, UUID),
        cursor_of(["a"], MOMENT, UUID),
        cursor_of(None, MOMENT, UUID),
    ],
)
def test_an_invalid_cursor_is_a_clear_400(client, julia, cursor):
    JobExecutionFactory(user=julia)
    response = client.get(f"{LIST}?cursor={cursor}")
    assert response.status_code == 400
    assert response.json() == {"cursor": ["This cursor is invalid."]}


@pytest.mark.parametrize("value", ["\0", "\ud800", 10**30])
def test_a_cursor_holds_what_every_database_takes_or_is_refused(client, julia, value):
    JobExecutionFactory(user=julia)
    for ordering in ("kind", "issue_count"):
        cursor = cursor_of(value, MOMENT, UUID)
        assert client.get(f"{LIST}?ordering={ordering}&cursor={cursor}").status_code in {200, 400}


@pytest.mark.parametrize("size", ["9" * 5000, "0" * 5000, "-1", "٣" * 5000, "x"])
def test_any_page_size_answers_a_page(client, julia, size):
    JobExecutionFactory(user=julia)
    assert len(client.get(LIST, {"page_size": size}).json()["results"]) == 1


@pytest.mark.parametrize("position", [-1, 10**30, "1", MOMENT])
def test_an_invalid_cursor_of_warnings_is_a_clear_400(client, julia, position):
    step = StepExecutionFactory(execution__user=julia)
    response = client.get(detail(step.execution, f"warnings/?cursor={cursor_of(position)}"))
    assert response.status_code == 400


def test_no_cursor_tells_a_sequential_number(client, julia):
    JobExecutionFactory.create_batch(12)
    executions = JobExecutionFactory.create_batch(3, user=julia, kind="import")
    step = StepExecutionFactory(execution=executions[0])
    StepWarningFactory.create_batch(9)
    StepWarningFactory.create_batch(3, step=step)
    for url, secrets in (
        (f"{LIST}?ordering=kind&page_size=2", {execution.pk for execution in executions}),
        (detail(step.execution, "warnings/?page_size=2"), {row.pk for row in step.warnings.all()}),
    ):
        link = client.get(url).json()["next"]
        token = parse_qs(urlsplit(link).query)["cursor"][0]
        _direction, position = json.loads(base64.urlsafe_b64decode(token))
        assert not secrets & {value for value in position if isinstance(value, int)}


def test_warnings_come_in_pages(client, julia):
    step = StepExecutionFactory(execution__user=julia)
    StepWarningFactory.create_batch(3, step=step, position=7)
    page = client.get(detail(step.execution, "warnings/?page_size=2")).json()
    assert len(page["results"]) == 2
    assert page["results"][0]["position"] == 7
    assert len(client.get(page["next"]).json()["results"]) == 1


def test_the_owner_downloads_the_log(client, julia):
    file = JobFileFactory(execution__user=julia, role="log", name="log.txt")
    response = client.get(detail(file.execution, "log/"))
    assert b"".join(response.streaming_content) == b"sku\n1\n"
    assert "attachment" in response["Content-Disposition"]


def test_the_address_of_a_file_takes_a_session_and_no_other_login(client, julia):
    execution = JobFileFactory(execution__user=julia).execution
    url = client.get(detail(execution)).json()["files"][0]["url"]
    assert client.get(url).status_code == 302
    client.force_login(julia)
    assert client.get(url).status_code == 200


def test_a_waiting_execution_is_stopped(client, julia):
    execution = JobExecutionFactory(user=julia)
    response = client.post(detail(execution, "stop/"))
    assert (response.status_code, response.json()["status"]) == (200, "stopped")


def test_a_stop_may_come_from_the_wrong_person_or_too_late(client, julia):
    assert client.post(detail(JobExecutionFactory(), "stop/")).status_code == 403
    done = JobExecutionFactory(user=julia, status=Status.COMPLETED)
    assert client.post(detail(done, "stop/")).status_code == 409
    assert client.get(detail(done, "stop/")).status_code == 405


def test_job_types_tell_their_parameters(client):
    rows = client.get("/api/jobs/job-types/").json()["results"]
    copying = next(row for row in rows if row["code"] == "copying")
    file, mode = copying["parameters"]
    assert (file["name"], file["type"], file["required"]) == ("file", "file", True)
    assert mode["choices"] == [
        {"value": "fast", "label": "Fast"},
        {"value": "slow", "label": "Slow"},
    ]
    assert mode["default"] == "fast"


def test_a_job_type_is_hidden_from_and_refused_to_who_may_not_launch_it(client):
    rows = client.get("/api/jobs/job-types/").json()["results"]
    assert "restricted" not in {row["code"] for row in rows}
    assert client.get("/api/jobs/job-types/restricted/").status_code == 403
    assert client.post("/api/jobs/job-types/restricted/launch/").status_code == 403
    assert not JobExecution.objects.exists()


@pytest.mark.parametrize("body", [{"count": 4}, {"parameters": {"count": 4}}])
def test_a_job_type_is_launched_with_json(client, julia, body):
    url = reverse("akeneo_jobs_api:job-type-launch", args=["counting"])
    response = client.post(url, body, format="json")
    assert response.status_code == 201
    execution = JobExecution.objects.get()
    assert response.json()["id"] == str(execution.uuid)
    assert (execution.user, execution.parameters["count"]) == (julia, 4)


def test_a_job_type_is_launched_with_an_upload(client):
    upload = SimpleUploadedFile("in.txt", b"text")
    url = "/api/jobs/job-types/copying/launch/"
    response = client.post(url, {"file": upload, "mode": "slow"}, format="multipart")
    assert response.json()["parameters"] == {"file": "in.txt", "mode": "slow"}
    assert JobExecution.objects.get().files.get().file.read() == b"text"


@pytest.mark.parametrize(
    ("code", "body", "named"),
    [
        ("counting", {"count": "many"}, "count"),
        ("counting", {"typo": 1}, "non_field_errors"),
        ("counting", {"parameters": 3}, "non_field_errors"),
        ("copying", {}, "file"),
        ("copying", {"file": "no upload"}, "file"),
    ],
)
def test_wrong_parameters_are_named_and_nothing_is_recorded(client, code, body, named):
    response = client.post(f"/api/jobs/job-types/{code}/launch/", body, format="json")
    assert response.status_code == 400
    assert named in response.json()
    assert not JobExecution.objects.exists()


def test_lists_and_details_cost_a_constant_number_of_queries(
    client, julia, django_assert_max_num_queries
):
    def fill():
        for execution in JobExecutionFactory.create_batch(10, user=julia):
            step = StepExecutionFactory(execution=execution)
            StepWarningFactory.create_batch(5, step=step)
        return execution

    execution = fill()
    with django_assert_max_num_queries(3):
        client.get(LIST)
    with django_assert_max_num_queries(6):
        client.get(detail(execution))
