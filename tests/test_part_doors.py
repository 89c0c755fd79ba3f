"""The parts of a step on the report, in the API and on a terminal."""

from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from akeneo_jobs.management.terminal import print_report
from akeneo_jobs.models import WarningGroup
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    StepExecutionFactory,
    StepWarningFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


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


def parted(user, done=3, count=8):
    """An execution whose first step is in parts, with warnings of one cause in each."""
    warned = 2 * count
    execution = JobExecutionFactory(user=user, status="started", warning_count=warned)
    StepExecutionFactory(execution=execution, position=1, status="started", warning_count=warned)
    StepExecutionFactory(execution=execution, position=2)
    for number in range(1, count + 1):
        part = StepExecutionFactory(
            execution=execution,
            position=1,
            part=number,
            status="completed" if number <= done else "starting",
            processed=100,
            total=100,
            warning_count=2,
        )
        causes = {"key": "k", "cause": "“…” is no price", "count": 2, "kept": 1}
        last = {"first_position": number * 10, "last_position": number * 10 + 1}
        WarningGroup.objects.create(step=part, **causes, **last)
        StepWarningFactory(step=part, group="k", position=number * 10)
    return execution


def see(client, execution, query=""):
    return client.get(f"{execution.get_absolute_url()}{query}").content.decode()


def detail(api, execution):
    return api.get(f"/api/jobs/executions/{execution.uuid}/").json()


def test_the_report_says_how_many_parts_are_done(client, julia):
    text = see(client, parted(julia))
    assert "3 of 8 parts done" in text
    assert text.count('id="akj-part-1-') == 8
    assert text.count('id="akj-step-') == 3  # two steps, and the row of the parts


def test_a_whole_step_has_no_parts(client, api, julia):
    execution = JobExecutionFactory(user=julia)
    StepExecutionFactory(execution=execution)
    assert "akj-parts" not in see(client, execution)
    assert detail(api, execution)["steps"][0]["parts"] == []


def test_the_api_lists_the_parts_under_their_step(api, julia):
    first, second = detail(api, parted(julia, count=2))["steps"]
    assert first["parts"] == [
        {"number": n, "status": "completed", "processed": 100, "total": 100, "warning_count": 2}
        for n in (1, 2)
    ]
    assert second["parts"] == []


def test_causes_are_merged_over_the_parts(client, api, julia):
    execution = parted(julia)
    (cause,) = detail(api, execution)["causes"]
    assert (cause["count"], cause["first_position"], cause["last_position"]) == (16, 10, 81)
    text = see(client, execution)
    assert text.count("?cause=k") == 1
    assert "#81" in text


def test_causes_of_two_steps_stay_apart(api, julia):
    execution = parted(julia)
    other = execution.steps.get(position=2)
    WarningGroup.objects.create(step=other, key="k", cause="x", count=99, kept=0)
    causes = detail(api, execution)["causes"]
    assert [(one["count"], one["first_position"]) for one in causes] == [(99, None), (16, 10)]


def test_one_key_chooses_the_warnings_of_all_parts(client, api, julia):
    execution = parted(julia)
    StepWarningFactory(step=execution.steps.first(), group="other", reason="no name")
    assert "no name" not in see(client, execution, "?cause=k")
    url = f"/api/jobs/executions/{execution.uuid}/warnings/?cause=k"
    assert len(api.get(url).json()["results"]) == 8


def test_pieces_of_files_are_nowhere_offered(client, api, julia):
    execution = parted(julia)
    piece = JobFileFactory(execution=execution, role="part", name="piece.csv")
    assert "piece.csv" not in see(client, execution)
    assert detail(api, execution)["files"] == []
    assert api.get(f"/api/jobs/executions/{execution.uuid}/files/").json()["results"] == []
    assert client.get(piece.get_absolute_url()).status_code == 404


def test_the_terminal_prints_the_warnings_of_the_parts(julia):
    out = StringIO()
    print_report(parted(julia), out)
    assert out.getvalue().count("price is no number") == 8
    assert "… 6 more warnings" in out.getvalue()


def test_the_report_costs_the_same_for_two_parts_and_for_twenty(client, api, julia):
    def costs(execution):
        with CaptureQueriesContext(connection) as page:
            see(client, execution)
        with CaptureQueriesContext(connection) as answer:
            detail(api, execution)
        return len(page), len(answer)

    few, many = parted(julia, count=2), parted(julia, count=20)
    costs(few)
    assert costs(few) == costs(many)
