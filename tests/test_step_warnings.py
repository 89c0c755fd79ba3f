import csv
import io

import pytest

from akeneo_jobs import JobType, testing
from akeneo_jobs.models import StepWarning, WarningGroup
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class ComplainingJob(JobType):
    """Warns as often as its test says, for two causes."""

    code = "complaining"
    label = "Complaining job"
    kind = "import"
    count = 500

    def run(self, context):
        for number in context.track(range(self.count)):
            reason = f"“{number}” is odd" if number % 2 else f"{number} is even"
            context.warn(reason, item={"number": number}, field="=number")


@pytest.fixture
def execution(settings):
    limits = {"WARNINGS_KEPT": 50, "WARNINGS_KEPT_PER_CAUSE": 30}
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, **limits}
    with testing.registered(ComplainingJob):
        yield testing.run("complaining", user=UserFactory())


def test_all_warnings_are_counted_and_few_are_kept(execution):
    assert execution.warning_count == 500
    assert StepWarning.objects.count() == 50


def test_warnings_are_grouped_by_their_cause(execution):
    groups = WarningGroup.objects.order_by("first_position")
    facts = [(one.cause, one.count, one.first_position, one.last_position) for one in groups]
    assert facts == [("… is even", 250, 1, 499), ("… is odd", 250, 2, 500)]
    assert [one.kept for one in groups] == [30, 20] or [one.kept for one in groups] == [25, 25]


def test_the_file_has_them_all_and_no_formula(execution):
    with execution.files.get(role="warnings").file.open("rb") as content:
        rows = list(csv.DictReader(io.TextIOWrapper(content, "utf-8-sig", newline="")))
    assert len(rows) == 500
    assert rows[1] == {
        "position": "2",
        "reason": "“1” is odd",
        "code": "",
        "field": "'=number",
        "item": '{"number": 1}',
    }


def test_few_warnings_need_no_file(settings):
    execution = testing.run("warning", parameters={"count": 3})
    assert not execution.files.filter(role="warnings").exists()


def test_too_many_causes_share_one_group(settings, monkeypatch):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "CAUSES_KEPT": 1}
    with testing.registered(ComplainingJob):
        testing.run("complaining")
    assert {one.cause for one in WarningGroup.objects.all()} == {"… is even", "Other causes"}


def test_the_report_shows_causes_and_filters_by_one(execution, client):
    client.force_login(execution.user)
    odd = WarningGroup.objects.get(cause="… is odd")
    page = client.get(execution.get_absolute_url()).content.decode()
    assert "2 causes" in page
    assert "50 of 500 warnings are shown" in page
    page = client.get(f"{execution.get_absolute_url()}?cause={odd.key}").content.decode()
    assert "“1” is odd" in page
    assert "0 is even" not in page


def test_the_api_counts_causes_and_filters_by_one(execution, client):
    client.force_login(execution.user)
    url = f"/api/jobs/executions/{execution.uuid}/"
    causes = client.get(url).json()["causes"]
    assert [cause["count"] for cause in causes] == [250, 250]
    rows = client.get(f"{url}warnings/?cause={causes[0]['key']}&page_size=200").json()["results"]
    assert {row["cause"] for row in rows} == {causes[0]["key"]}
