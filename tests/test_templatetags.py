from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import engines
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from akeneo_jobs import formatting
from akeneo_jobs.permissions import JobPolicy
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, NotificationFactory, UserFactory

LISTS = ["{% last_operations limit=50 %}", "{% process_tracker limit=50 %}"]
BELL = "{% notification_bell %}"
SINGLES = ["{% job_status execution %}", "{% job_progress execution %}"]


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def render(rf, user):
    def render(source, *, as_user=user, **context):
        request = rf.get("/")
        request.user = as_user
        template = engines["django"].from_string("{% load akeneo_jobs %}" + source)
        return template.render(context, request)

    return render


@pytest.mark.parametrize("source", [*LISTS, *SINGLES, BELL])
def test_a_tag_shows_nothing_to_anonymous_visitors(render, source):
    execution = JobExecutionFactory()
    assert render(source, as_user=AnonymousUser(), execution=execution).strip() == ""


@pytest.mark.parametrize("source", [*LISTS, *SINGLES, BELL])
def test_a_tag_shows_nothing_where_there_is_no_request(db, source):
    template = engines["django"].from_string("{% load akeneo_jobs %}" + source)
    assert template.render({"execution": JobExecutionFactory()}).strip() == ""


@pytest.mark.parametrize("source", LISTS)
def test_a_list_shows_nobody_elses_operations(render, source):
    other = JobExecutionFactory(profile_label="Secret suppliers")
    assert other.label not in render(source)


@pytest.mark.parametrize("source", LISTS)
def test_a_list_links_each_report(render, user, source):
    execution = JobExecutionFactory(user=user)
    assert f'href="{execution.get_absolute_url()}"' in render(source)


@pytest.mark.parametrize("source", LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(render, user, source):
    render(source)
    JobExecutionFactory(user=user)
    with CaptureQueriesContext(connection) as few:
        render(source)
    JobExecutionFactory.create_batch(29, user=user, status=Status.STARTED)
    with CaptureQueriesContext(connection) as many:
        render(source)
    assert len(many) == len(few) <= 2


@pytest.mark.parametrize("source", SINGLES)
def test_a_tag_of_one_execution_costs_no_query(render, user, source, django_assert_num_queries):
    execution = JobExecutionFactory(user=user, status=Status.STARTED)
    with django_assert_num_queries(0):
        render(source, execution=execution)


@pytest.mark.parametrize("source", SINGLES)
def test_a_tag_of_one_execution_shows_nothing_to_who_may_not_view_it(render, settings, source):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REPORT_ACCESS": "owner"}
    execution = JobExecutionFactory()
    assert render(source, execution=execution).strip() == ""
    assert render(source, execution=execution, as_user=execution.user).strip()


class NobodyViews(JobPolicy):
    def view(self, executions, user):
        return executions.none()


@pytest.mark.parametrize("source", SINGLES)
def test_a_tag_of_one_execution_asks_the_policy_of_the_host(render, user, settings, source):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "POLICY": f"{__name__}.NobodyViews"}
    assert render(source, execution=JobExecutionFactory(user=user)).strip() == ""


def test_last_operations_shows_no_more_than_its_limit(render, user):
    JobExecutionFactory.create_batch(5, user=user)
    assert render("{% last_operations limit=3 %}").count("Details") == 4  # and the header


def test_last_operations_says_that_there_are_none(render):
    assert "There is no operation to display for now." in render("{% last_operations %}")


def test_last_operations_is_live_only_while_something_runs(render, user):
    execution = JobExecutionFactory(user=user, status=Status.STARTED)
    assert 'data-akj-refresh="5.0"' in render("{% last_operations %}")
    execution.apply("complete")
    assert "data-akj-refresh" not in render("{% last_operations %}")


def test_the_seconds_of_a_refresh_are_read_by_the_script_in_every_language(render, user):
    JobExecutionFactory(user=user, status=Status.STARTED)
    with translation.override("fr"):
        assert 'data-akj-refresh="5.0"' in render("{% last_operations %}")


def test_the_status_of_a_failed_execution_never_shows_0(render):
    shown = render("{% job_status execution %}", execution=JobExecutionFactory(status="failed"))
    assert "akj-badge--error" in shown
    assert "1 warning or error<" in shown


def test_the_status_has_text_and_icon_beside_its_colour(render):
    execution = JobExecutionFactory(status=Status.COMPLETED, warning_count=214)
    shown = render("{% job_status execution %}", execution=execution)
    assert "akj-badge--warning" in shown
    assert "<svg" in shown
    assert "Completed" in shown
    assert "214 warnings or errors" in shown


def test_progress_says_how_much_is_done_and_how_long_it_takes(render):
    execution = JobExecutionFactory(
        status=Status.STARTED,
        processed=500,
        total=1994,
        step_started_at=timezone.now() - timedelta(minutes=1),
    )
    shown = render("{% job_progress execution %}", execution=execution)
    assert 'value="25"' in shown
    assert "500 / 1,994" in shown
    assert "about 3 minutes left" in shown


def test_progress_of_an_unknown_total_is_indeterminate(render):
    execution = JobExecutionFactory(status=Status.STARTED, processed=1234)
    shown = render("{% job_progress execution %}", execution=execution)
    assert "value=" not in shown
    assert "1,234 processed" in shown


@pytest.mark.parametrize(
    ("status", "value", "text"),
    [
        (Status.STARTING, 'value="0"', "Pending"),
        (Status.FAILED, 'value="0"', "7 processed"),
        (Status.COMPLETED, 'value="100"', "100 %"),
    ],
)
def test_progress_of_what_does_not_run_is_never_indeterminate(render, status, value, text):
    execution = JobExecutionFactory(status=status, processed=7)
    shown = render("{% job_progress execution %}", execution=execution)
    assert value in shown
    assert text in shown


def test_the_bell_counts_what_is_unread_and_lists_the_latest_ten(render, user):
    first = NotificationFactory(user=user, execution__profile_label="The first")
    NotificationFactory.create_batch(10, user=user, read_at=timezone.now())
    NotificationFactory(execution__profile_label="Of somebody else")
    shown = render(BELL)
    assert "1 unread notification<" in shown
    assert shown.count('class="akj-notification"') == 10
    assert first.message not in shown
    assert "somebody else" not in shown


def test_the_bell_says_no_more_than_99(render, user):
    NotificationFactory.create_batch(100, user=user)
    shown = render(BELL)
    assert ">99+<" in shown
    assert "100 unread notifications" in shown


def test_the_bell_without_anything_unread_has_no_number(render, user):
    NotificationFactory(user=user, read_at=timezone.now())
    assert "unread notification" not in render(BELL)
    assert "Mark all as read" not in render(BELL)


def test_the_bell_refreshes_itself_from_a_page_of_its_own(render, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REFRESH_BELL": 2.5}
    shown = render(BELL)
    assert f'data-akj-url="{reverse("akeneo_jobs:notification_bell")}"' in shown
    assert 'data-akj-refresh="2.5"' in shown


def test_the_bell_costs_two_queries_whatever_it_shows(render, user, django_assert_num_queries):
    NotificationFactory.create_batch(12, user=user)
    with django_assert_num_queries(2):
        render(BELL)


def test_the_bell_escapes_labels(render, user):
    NotificationFactory(user=user, execution__profile_label="<script>")
    assert "<script>" not in render(BELL)


def test_an_execution_that_there_is_not_shows_nothing(render):
    assert render("{% job_status execution %}", execution=None).strip() == ""


def test_the_head_loads_the_stylesheet_and_the_deferred_script(render):
    shown = render("{% akeneo_jobs_head %}", as_user=AnonymousUser())
    assert "akeneo_jobs/akeneo_jobs.css" in shown
    assert "akeneo_jobs/akeneo_jobs.js" in shown
    assert "defer" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/catalog/1/", "/catalog/1/"),
        ("https://shop.example/1", "https://shop.example/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,1", ""),
        (None, ""),
    ],
)
def test_only_addresses_of_pages_become_links(render, url, shown):
    assert render("{{ url|safe_link }}", url=url) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (135, "2 minutes 15 seconds"),
        (3600, "1 hour"),
        (90_061, "1 day 1 hour"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds, words):
    assert formatting.duration_in_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (59, "59 seconds"), (100, "2 minutes"), (7300, "2 hours")],
)
def test_a_time_left_is_said_in_one_unit(seconds, words):
    assert formatting.about_in_words(seconds) == words
