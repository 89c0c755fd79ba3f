"""Rejects and their repair on pages and in the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from akeneo_jobs.models import JobExecution, RejectedRows
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    StepExecutionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
CORRECTED = b"#row;#reasons;sku\n3;price;lamp\n"


@pytest.fixture
def julia():
    return UserFactory(username="julia")


@pytest.fixture
def client(client, julia):
    client.force_login(julia)
    return client


@pytest.fixture
def api(julia):
    api = APIClient()
    api.force_authenticate(julia)
    return api


def ended(user, *, refused=5, left=5, **values):
    """An execution that has refused rows of its file."""
    values = {"status": "completed", "job_type": "copying"} | values
    execution = JobExecutionFactory(
        user=user, parameters={"file": "a.csv", "mode": "slow"}, **values
    )
    step = StepExecutionFactory(
        execution=execution, counts={"skipped": refused}, rejects_format={"name": "a-rejects.csv"}
    )
    JobFileFactory(execution=execution, role="input", parameter="file", name="a.csv")
    if left:
        RejectedRows.objects.create(step=step, first_row=1, last_row=9, count=left, data=b"")
        JobFileFactory(execution=execution, role="rejects", name="a-rejects.csv")
    return execution


@pytest.fixture
def imported(julia):
    return ended(julia)


def corrected():
    return SimpleUploadedFile("corrected.csv", CORRECTED)


def see(client, execution):
    return client.get(execution.get_absolute_url()).content.decode()


def page_url(execution):
    return reverse("akeneo_jobs:repair", args=[execution.uuid])


def api_url(execution, suffix="repair/"):
    return f"/api/jobs/executions/{execution.uuid}/{suffix}"


def flashes(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_the_report_counts_the_refused_rows_and_offers_the_upload(client, imported):
    text = see(client, imported)
    assert "5 rows were refused." in text
    assert f'action="{page_url(imported)}"' in text
    assert text.count("a-rejects.csv") >= 2


def test_the_corrected_file_launches_a_repair(client, imported):
    response = client.post(page_url(imported), {"file": corrected()}, follow=True)
    child = JobExecution.objects.get(parent=imported)
    assert (child.is_repair, child.parameters["mode"]) == (True, "slow")
    assert child.files.get(role="input").file.read() == CORRECTED
    assert response.redirect_chain[0][0] == child.get_absolute_url()
    assert "Only the rows in it are handled." in flashes(response)
    assert "Repair of" in response.content.decode()
    assert imported.get_absolute_url() in response.content.decode()


def test_the_api_repairs_likewise(api, imported):
    response = api.post(api_url(imported), {"file": corrected()}, format="multipart")
    answer = response.json()
    assert (response.status_code, answer["is_repair"]) == (201, True)
    assert response["Location"] == answer["url"]
    parent = api.get(api_url(imported, "")).json()
    assert (parent["repairs"], parent["rejected_count"]) == ([answer["id"]], 5)
    assert (parent["is_repair"], answer["parent"]) == (False, str(imported.uuid))


@pytest.mark.parametrize("encoding", ["json", "multipart"])
def test_without_a_file_a_sentence_says_so(api, client, imported, encoding):
    response = api.post(api_url(imported), {}, format=encoding)
    assert (response.status_code, response.json()) == (
        400,
        {"file": ["Choose the corrected file."]},
    )
    assert "Choose the corrected file." in flashes(client.post(page_url(imported), follow=True))
    assert not JobExecution.objects.filter(parent=imported).exists()


def test_a_file_that_is_too_large_is_refused(api, client, imported, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "UPLOAD_SIZE": 10}
    response = api.post(api_url(imported), {"file": corrected()}, format="multipart")
    assert response.status_code == 400
    assert "too large" in response.json()["file"][0]
    response = client.post(page_url(imported), {"file": corrected()}, follow=True)
    assert "too large" in flashes(response)


@pytest.mark.parametrize(
    "values", [{"status": "started"}, {"left": 0}, {"job_type": "dropped"}], ids=str
)
def test_what_cannot_be_repaired_is_a_conflict_and_offers_nothing(api, client, julia, values):
    execution = ended(julia, **values)
    assert page_url(execution) not in see(client, execution)
    response = api.post(api_url(execution), {"file": corrected()}, format="multipart")
    assert response.status_code == 409


def test_who_only_reads_the_report_cannot_repair(api, client):
    execution = ended(UserFactory())
    text = see(client, execution)
    assert "5 rows were refused." in text
    assert page_url(execution) not in text
    assert "/files/" not in text
    response = api.post(api_url(execution), {"file": corrected()}, format="multipart")
    assert response.status_code == 403
    assert client.post(page_url(execution)).status_code == 403


def test_the_parent_lists_its_repairs_and_what_remains(client, julia):
    parent = ended(julia, refused=5, left=2)
    repair = ended(julia, refused=2, left=2, parent=parent, is_repair=True)
    text = see(client, parent)
    assert "2 still remain." in text
    assert repair.get_absolute_url() in text
    assert "Rows left" in text


def test_the_parent_says_when_nothing_remains(client, julia):
    parent = ended(julia, refused=5, left=0)
    ended(julia, refused=0, left=0, parent=parent, is_repair=True)
    assert "nothing remains to be done" in see(client, parent)


def test_the_rejects_of_a_dry_run_are_shown_but_not_uploaded(client, julia):
    text = see(client, ended(julia, is_dry_run=True))
    assert "Refused rows" in text
    assert "Upload and repair" not in text


def test_relatives_that_one_may_not_view_are_left_out(api, client, julia, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REPORT_ACCESS": "owner"}
    foreign = ended(UserFactory())
    own = ended(julia, parent=foreign, is_repair=True)
    child = ended(foreign.user, parent=own, is_repair=True)
    text = see(client, own)
    assert str(foreign.uuid) not in text
    assert str(child.uuid) not in text
    answer = api.get(api_url(own, "")).json()
    assert (answer["parent"], answer["repairs"]) == (None, [])


def test_the_report_costs_the_same_for_one_repair_and_for_many(client, api, julia):
    def cost(ask):
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    parent = ended(julia)
    ended(julia, parent=parent, is_repair=True)
    asks = [lambda: see(client, parent), lambda: api.get(api_url(parent, ""))]
    few = [cost(ask) for ask in asks * 2][2:]
    for _ in range(9):
        ended(julia, parent=parent, is_repair=True)
    assert [cost(ask) for ask in asks] == few
