import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from akeneo_jobs.models import JobFile
from akeneo_jobs.statuses import Status
from tests.factories import (
    JobExecutionFactory,
    JobFileFactory,
    StepExecutionFactory,
    StepWarningFactory,
    UserFactory,
)

TRACKER = "akeneo_jobs:process_tracker"
EVIL = "<script>alert('x')</script>"
ESCAPED = "&lt;script&gt;"


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def see(client, user):
    """Open a page as the user and return what it shows."""
    client.force_login(user)

    def see(url, **query):
        response = client.get(url, query)
        assert response.status_code == 200
        return response.content.decode()

    return see


@pytest.fixture
def see_tracker(see):
    return lambda **query: see(reverse(TRACKER), **query)


@pytest.fixture
def see_report(see):
    return lambda execution, **query: see(execution.get_absolute_url(), **query)


def queries_of(function, *arguments):
    with CaptureQueriesContext(connection) as queries:
        function(*arguments)
    return len(queries)


# The process tracker


def test_the_tracker_costs_the_same_for_one_row_and_for_thirty(see_tracker, user, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "PAGE_SIZE": 100}
    JobExecutionFactory(user=user)
    few = queries_of(see_tracker)
    JobExecutionFactory.create_batch(29, user=user, status=Status.STARTED)
    assert queries_of(see_tracker) == few


def test_the_tracker_of_everybody_costs_the_same_for_one_row_and_for_thirty(
    see_tracker, user, settings
):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "PAGE_SIZE": 100, "VIEW_ALL": True}
    user.user_permissions.add(Permission.objects.get(codename="view_all_jobexecutions"))
    JobExecutionFactory(status=Status.STARTED)
    few = queries_of(see_tracker)
    JobExecutionFactory.create_batch(29, status=Status.STARTED)
    assert queries_of(see_tracker) == few


def test_an_anonymous_visitor_is_sent_to_the_login_page(client, db):
    url = reverse(TRACKER)
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={url}"


def test_the_tracker_counts_the_operations_in_its_title(see_tracker, user):
    JobExecutionFactory(user=user)
    assert ">1 operation</h1>" in see_tracker()
    JobExecutionFactory(user=user)
    assert ">2 operations</h1>" in see_tracker()


def test_the_tracker_says_that_there_is_nothing_yet(see_tracker):
    assert "There is no operation to display for now." in see_tracker()


def test_the_tracker_says_that_a_search_finds_nothing(see_tracker, user):
    JobExecutionFactory(user=user)
    assert "No operation matches this search." in see_tracker(search="no such thing")


def test_a_filter_stays_chosen_and_can_be_taken_off(see_tracker, user):
    JobExecutionFactory(user=user, status=Status.FAILED)
    shown = see_tracker(level=["error", "warning"])
    assert 'value="error" checked' in shown
    assert 'value="warning" checked' in shown
    assert "Show all" in shown


def test_the_filter_form_keeps_the_order_and_the_filters_that_it_does_not_show(see_tracker, user):
    JobExecutionFactory(user=user)
    shown = see_tracker(ordering="kind", job_type="counting")
    assert '<input type="hidden" name="ordering" value="kind">' in shown
    assert '<input type="hidden" name="job_type" value="counting">' in shown


def test_the_links_to_sort_keep_the_filters_and_leave_the_page(see_tracker, user):
    JobExecutionFactory(user=user)
    shown = see_tracker(status="starting", page="1")
    assert 'href="?status=starting&amp;ordering=label"' in shown
    assert 'href="?status=starting&amp;ordering=-issue_count"' in shown


def test_a_second_click_on_a_column_sorts_the_other_way(see_tracker, user):
    JobExecutionFactory(user=user)
    shown = see_tracker(ordering="label")
    assert 'aria-sort="ascending"' in shown
    assert 'href="?ordering=-label"' in shown


def test_the_links_to_other_pages_keep_the_filters(see_tracker, user, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "PAGE_SIZE": 2}
    JobExecutionFactory.create_batch(3, user=user)
    assert 'href="?status=starting&amp;page=2"' in see_tracker(status="starting")


def test_a_filter_that_there_is_not_is_refused_in_words(see_tracker, user):
    JobExecutionFactory(user=user)
    shown = see_tracker(status=EVIL)
    assert "Select a valid choice." in shown
    assert ESCAPED in shown
    assert EVIL not in shown


def test_the_tracker_refreshes_itself_while_something_runs(see_tracker, user):
    JobExecutionFactory(user=user, status=Status.STARTED)
    shown = see_tracker()
    assert 'data-akj-refresh="5.0"' in shown
    assert '<noscript><meta http-equiv="refresh"' in shown


def test_the_tracker_rests_when_nothing_runs(see_tracker, user):
    JobExecutionFactory(user=user, status=Status.COMPLETED)
    shown = see_tracker()
    assert "data-akj-refresh" not in shown.split('id="akj-tracker"')[1].split(">")[0]
    assert "http-equiv" not in shown


def test_a_row_that_runs_has_a_stop_button_that_posts(see_tracker, user):
    running = JobExecutionFactory(user=user, status=Status.STARTED)
    over = JobExecutionFactory(user=user, status=Status.COMPLETED)
    shown = see_tracker()
    assert f'method="post" action="{reverse("akeneo_jobs:stop", args=[running.uuid])}"' in shown
    assert "csrfmiddlewaretoken" in shown
    assert reverse("akeneo_jobs:stop", args=[over.uuid]) not in shown


def test_a_refresh_is_answered_without_the_layout(client, user):
    client.force_login(user)
    response = client.get(reverse(TRACKER), headers={"X-Akeneo-Jobs-Part": "content"})
    assert "X-Akeneo-Jobs-Part" in response["Vary"]
    assert b'id="akj-tracker"' in response.content
    assert b"<html" not in response.content


def test_no_page_has_an_inline_script_or_style(see_tracker, see_report, user):
    execution = JobExecutionFactory(user=user, status=Status.STARTED)
    for shown in (see_tracker(), see_report(execution)):
        assert "<script>" not in shown
        assert "style=" not in shown
        assert "onclick" not in shown


# The report


def test_the_report_costs_the_same_for_little_and_for_much(see_report, user):
    execution = JobExecutionFactory(user=user, status=Status.COMPLETED)
    step = StepExecutionFactory(execution=execution, position=1)
    StepWarningFactory(step=step)
    JobFileFactory(execution=execution)
    few = queries_of(see_report, execution)
    for position in range(2, 6):
        step = StepExecutionFactory(execution=execution, position=position)
        StepWarningFactory.create_batch(8, step=step)
        JobFileFactory(execution=execution)
    assert queries_of(see_report, execution) == few


def test_the_report_of_an_unknown_uuid_is_not_found(client, user):
    client.force_login(user)
    response = client.get(reverse("akeneo_jobs:report", args=[uuid.uuid4()]))
    assert response.status_code == 404


def test_the_report_escapes_what_comes_from_outside(see_report, user):
    execution = JobExecutionFactory(
        user=user,
        profile_label=EVIL,
        status=Status.FAILED,
        parameters={"note": EVIL},
        failures=[{"step": EVIL, "cause": "failed", "reason": EVIL}],
    )
    step = StepExecutionFactory(execution=execution, label=EVIL, counts={EVIL: 1})
    StepWarningFactory(step=step, reason=EVIL, field=EVIL, item={EVIL: EVIL}, item_label=EVIL)
    JobFileFactory(execution=execution, name=EVIL)
    shown = see_report(execution)
    assert EVIL not in shown
    assert shown.count(ESCAPED) >= 10


def test_a_label_is_escaped_in_the_tracker(see_tracker, user):
    JobExecutionFactory(user=user, profile_label=EVIL)
    shown = see_tracker()
    assert EVIL not in shown
    assert ESCAPED in shown


def test_a_warning_links_its_item_only_to_a_page(see_report, user):
    step = StepExecutionFactory(execution__user=user)
    StepWarningFactory(step=step, item_url="/catalog/7/", item_label="Seven")
    StepWarningFactory(step=step, item_url="javascript:alert(1)", item_label="Eight")
    shown = see_report(step.execution)
    assert '<a class="akj-link" href="/catalog/7/">Seven</a>' in shown
    assert "javascript:" not in shown
    assert "Eight" in shown


def test_a_warning_displays_its_item(see_report, user):
    step = StepExecutionFactory(execution__user=user)
    StepWarningFactory(step=step, position=1994, field="price", item={"sku": "A-1", "price": "?"})
    shown = see_report(step.execution)
    assert "#1,994" in shown
    assert "<dt>sku</dt><dd>A-1</dd>" in shown


def test_warnings_come_in_pages(see_report, user):
    step = StepExecutionFactory(execution__user=user)
    StepWarningFactory.create_batch(51, step=step)
    assert "1–50 of 51" in see_report(step.execution)
    assert "51–51 of 51" in see_report(step.execution, page=2)


def test_a_step_says_what_it_counted_in_words(see_report, user):
    execution = JobExecutionFactory(user=user, status=Status.COMPLETED)
    StepExecutionFactory(
        execution=execution, status=Status.COMPLETED, counts={"created": 1994, "red_ones": 2}
    )
    shown = see_report(execution)
    assert "<dt>created</dt><dd>1,994</dd>" in shown
    assert "<dt>red ones</dt><dd>2</dd>" in shown


def test_a_step_that_has_not_begun_is_pending(see_report, user):
    execution = JobExecutionFactory(user=user, status=Status.STARTED)
    StepExecutionFactory(execution=execution, status=Status.STARTING)
    assert "Pending" in see_report(execution)


@pytest.mark.parametrize("status", [Status.FAILED, Status.STOPPED])
def test_a_step_that_was_never_reached_was_not_run(see_report, user, status):
    execution = JobExecutionFactory(user=user, status=status)
    StepExecutionFactory(execution=execution, status=Status.STARTING)
    shown = see_report(execution)
    assert "Not run" in shown
    assert "Pending" not in shown


def test_the_owner_downloads_the_files_and_the_log(see_report, user):
    execution = JobExecutionFactory(user=user)
    file = JobFileFactory(execution=execution)
    JobFileFactory(execution=execution, role=JobFile.Role.LOG)
    shown = see_report(execution)
    assert f'href="{file.get_absolute_url()}"' in shown
    assert "Download log" in shown


def test_whoever_only_reads_sees_the_files_without_links(see_report):
    execution = JobExecutionFactory(status=Status.STARTED)
    file = JobFileFactory(execution=execution)
    shown = see_report(execution)
    assert file.name in shown
    assert "not download its files" in shown
    assert file.get_absolute_url() not in shown


def test_only_who_may_stop_sees_the_button(see_report, user):
    own = JobExecutionFactory(user=user, status=Status.STARTED)
    other = JobExecutionFactory(status=Status.STARTED)
    assert "Stop the operation" in see_report(own)
    assert "Stop the operation" not in see_report(other)


def test_the_report_of_a_dropped_job_type_still_opens(see_report, user):
    execution = JobExecutionFactory(user=user, job_type="gone", kind="gone_kind")
    shown = see_report(execution)
    assert ">gone</h1>" in shown
    assert "Gone kind" in shown


# Launching


def test_the_launch_page_groups_what_can_be_launched_by_kind(see):
    shown = see(reverse("akeneo_jobs:job_types"))
    assert "Night shift</h2>" in shown
    assert reverse("akeneo_jobs:launch", args=["two_steps"]) in shown
    assert reverse("akeneo_jobs:launch", args=["restricted"]) not in shown


def test_a_form_with_a_file_is_sent_as_multipart(see):
    shown = see(reverse("akeneo_jobs:launch", args=["copying"]))
    assert 'enctype="multipart/form-data"' in shown
    assert 'type="file"' in shown


def test_an_operation_without_parameters_says_so(see):
    assert "needs no parameters" in see(reverse("akeneo_jobs:launch", args=["endless"]))


def test_an_error_stands_beside_its_field(client, user):
    client.force_login(user)
    response = client.post(reverse("akeneo_jobs:launch", args=["counting"]), {"count": "many"})
    assert response.status_code == 422
    assert b'id="id_count_error"' in response.content
    assert b"Enter a whole number." in response.content
