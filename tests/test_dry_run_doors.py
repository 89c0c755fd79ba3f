"""A dry run on pages, in the API and on a terminal."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from akeneo_jobs import actions, runner
from akeneo_jobs.management.commands import launch_job
from akeneo_jobs.models import JobExecution
from tests.factories import (
    JobExecutionFactory,
    JobProfileFactory,
    NotificationFactory,
    StepExecutionFactory,
    UserFactory,
)
from tests.job_types import CountForm, CountingJob

pytestmark = pytest.mark.django_db(databases="__all__")
TRY = "Try it (dry run)"


@pytest.fixture
def julia():
    return UserFactory(username="julia", is_superuser=True)


@pytest.fixture
def client(client, julia):
    client.force_login(julia)
    return client


@pytest.fixture
def api(julia):
    api = APIClient()
    api.force_authenticate(julia)
    return api


@pytest.fixture
def tried(julia):
    """A dry run that has ended."""
    execution = actions.launch("tried", user=julia, dry_run=True)
    runner.run(execution.pk)
    execution.refresh_from_db()
    return execution


def see(client, execution):
    return client.get(execution.get_absolute_url()).content.decode()


def change(field, old, new):
    return {"field": field, "old": old, "new": new}


def previewed(user, preview, **counts):
    execution = JobExecutionFactory(
        user=user, job_type="tried", is_dry_run=True, status="completed"
    )
    StepExecutionFactory(execution=execution, status="completed", preview=preview, counts=counts)
    return execution


# Launching


def test_the_launch_page_offers_to_try(client):
    assert TRY in client.get("/jobs/launch/tried/").content.decode()
    assert TRY not in client.get("/jobs/launch/counting/").content.decode()


def test_the_second_button_launches_a_dry_run_and_the_flash_says_so(client):
    response = client.post("/jobs/launch/tried/", {"dry_run": "1"}, follow=True)
    execution = JobExecution.objects.get()
    assert execution.is_dry_run
    assert response.redirect_chain[0][0] == execution.get_absolute_url()
    assert "Nothing will be changed." in response.content.decode()


def test_the_first_button_launches_for_real(client):
    client.post("/jobs/launch/tried/", {})
    assert not JobExecution.objects.get().is_dry_run


def test_a_parameter_of_the_same_name_remains_a_parameter(client, api, monkeypatch):
    class Form(CountForm):
        dry_run = CountForm.base_fields["password"]

    monkeypatch.setattr(CountingJob, "parameters_form", Form)
    monkeypatch.setattr(CountingJob, "can_dry_run", True)
    assert TRY not in client.get("/jobs/launch/counting/").content.decode()
    client.post("/jobs/launch/counting/", {"count": 1, "dry_run": "yes"})
    api.post("/api/jobs/job-types/counting/launch/", {"count": 1, "dry_run": "yes"}, format="json")
    for execution in JobExecution.objects.all():
        assert (execution.is_dry_run, execution.parameters["dry_run"]) == (False, "yes")


def test_a_profile_is_tried_from_its_page(client):
    profile = JobProfileFactory(job_type="tried", kind="import")
    url = reverse("akeneo_jobs:profile", args=["import", profile.code])
    assert TRY in client.get(url).content.decode()
    client.post(url, {"dry_run": "1"})
    execution = JobExecution.objects.get()
    assert (execution.is_dry_run, execution.profile) == (True, profile)


@pytest.mark.parametrize("body", [{"dry_run": True}, {"dry_run": True, "parameters": {}}])
def test_the_api_tries_a_job_type_and_a_profile(api, body):
    profile = JobProfileFactory(job_type="tried", kind="import")
    for url in ("job-types/tried", f"profiles/{profile.code}"):
        response = api.post(f"/api/jobs/{url}/launch/", body, format="json")
        assert (response.status_code, response.json()["is_dry_run"]) == (201, True)


@pytest.mark.parametrize("body", [{"dry_run": "perhaps"}, {"dry_run": None}, {"dry_run": []}])
def test_the_api_names_a_wrong_wish(api, body):
    response = api.post("/api/jobs/job-types/tried/launch/", body, format="json")
    assert (response.status_code, list(response.json())) == (400, ["dry_run"])


def test_the_api_refuses_to_try_what_cannot_be_tried(api):
    url = "/api/jobs/job-types/counting/launch/"
    response = api.post(url, {"count": 1, "dry_run": "true"})
    assert response.status_code == 400
    assert "cannot be tried" in response.json()["non_field_errors"][0]
    nested = api.post(url, {"parameters": {"dry_run": True}}, format="json")
    assert "There is no parameter" in str(nested.json())


def test_the_api_tells_what_can_be_tried(api):
    rows = api.get("/api/jobs/job-types/").json()["results"]
    can = {row["code"]: row["can_dry_run"] for row in rows}
    assert (can["tried"], can["counting"]) == (True, False)


# The report


def test_the_report_says_first_that_nothing_was_changed(client, tried):
    text = see(client, tried)
    assert text.index("nothing was changed") < text.index("akj-summary")
    assert ">Try again<" in text


def test_the_report_shows_what_would_be_done_field_by_field(client, julia):
    changes = [change("price", "19.90", "24.90"), change("enabled", False, True)]
    preview = [
        {"outcome": "updated", "label": "lamp", "changes": changes},
        {"outcome": "created", "label": "<b>desk</b>", "changes": [change("name", None, "Desk")]},
    ]
    text = see(client, previewed(julia, preview, updated=1204, created=1))
    assert "Would be changed" in text
    assert "1,204" in text
    assert "the first one is shown" in text
    for shown in ("price", "19.90", "24.90", ">No<", ">Yes<", "&lt;b&gt;desk", "Desk"):
        assert shown in text


def test_many_items_are_folded_and_what_is_not_kept_is_counted(client, julia):
    preview = [{"outcome": "created", "label": f"lamp-{n}", "changes": []} for n in range(100)]
    text = see(client, previewed(julia, preview, created=54_000))
    assert "the first 100 are shown" in text
    assert "Show 95 more" in text


def test_the_report_costs_the_same_however_much_is_shown(client, julia):
    def cost(execution):
        with CaptureQueriesContext(connection) as queries:
            see(client, execution)
        return len(queries)

    few = previewed(julia, [{"outcome": "created", "label": "a", "changes": []}])
    many = previewed(julia, [{"outcome": "created", "label": "a", "changes": []}] * 90)
    StepExecutionFactory(execution=many, preview=many.steps.get().preview)
    see(client, few)
    assert cost(few) == cost(many)


def test_a_real_one_says_nothing_of_it(client, julia):
    assert "ry run" not in see(client, JobExecutionFactory(user=julia, job_type="tried"))


# For real


def test_it_is_launched_for_real_from_the_report(client, tried):
    url = reverse("akeneo_jobs:launch_for_real", args=[tried.uuid])
    assert f'action="{url}"' in see(client, tried)
    response = client.post(url, follow=True)
    child = JobExecution.objects.get(parent=tried)
    assert (child.is_dry_run, response.redirect_chain[0][0]) == (False, child.get_absolute_url())
    assert "Tried before in" in response.content.decode()


def test_it_is_launched_for_real_by_the_api(api, tried):
    url = f"/api/jobs/executions/{tried.uuid}/launch-for-real/"
    response = api.post(url)
    assert (response.status_code, response.json()["parent"]) == (201, str(tried.uuid))
    assert response.json()["is_dry_run"] is False


def test_what_was_no_dry_run_or_runs_is_not_launched_for_real(api, client, julia):
    for values in ({"status": "completed"}, {"is_dry_run": True, "status": "started"}):
        execution = JobExecutionFactory(user=julia, job_type="tried", **values)
        assert "Launch for real" not in see(client, execution)
        url = f"/api/jobs/executions/{execution.uuid}/launch-for-real/"
        assert api.post(url).status_code == 409


def test_the_api_tells_the_preview(api, tried):
    answer = api.get(f"/api/jobs/executions/{tried.uuid}/").json()
    step = answer["steps"][0]
    assert (answer["is_dry_run"], len(step["preview"])) == (True, 4)
    assert step["preview"][0]["changes"] == [change("name", None, "a")]


# Everywhere


@pytest.mark.parametrize("tag", ["last_operations", "process_tracker", "job_status execution"])
def test_every_tag_says_that_it_is_a_dry_run(julia, tag):
    request = RequestFactory().get("/")
    request.user = julia
    execution = JobExecutionFactory(user=julia, is_dry_run=True)
    context = Context({"request": request, "execution": execution})
    assert "Dry run" in Template("{% load akeneo_jobs %}{% " + tag + " %}").render(context)


def test_lists_and_notifications_say_that_it_is_a_dry_run(client, julia):
    profile = JobProfileFactory(kind="import", job_type="tried", code="weekly")
    execution = JobExecutionFactory(
        user=julia, is_dry_run=True, status="completed", profile=profile
    )
    notification = NotificationFactory(execution=execution)
    for url in ("/jobs/", "/jobs/profiles/import/", "/jobs/profiles/import/weekly/"):
        assert ">Dry run<" in client.get(url).content.decode()
    assert notification.message == "Dry run: Export “Counting job” finished"


def test_the_command_tries_and_prints_the_numbers(capsys, monkeypatch):
    monkeypatch.setattr(
        launch_job.time, "sleep", lambda seconds: runner.run(JobExecution.objects.get().pk)
    )
    with pytest.raises(SystemExit):
        call_command("launch_job", "tried", "--dry-run", "--wait")
    printed = capsys.readouterr().out
    assert "This was a dry run: nothing was changed." in printed
    assert "Would be created: 3" in printed
    assert "Would stay as they are: 1" in printed


def test_the_command_tries_a_profile():
    JobProfileFactory(job_type="tried", kind="import", code="weekly")
    call_command("launch_job", "--profile", "weekly", "--dry-run")
    assert JobExecution.objects.get().is_dry_run
