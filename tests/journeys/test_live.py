"""A page that is live: what it asks for, what it leaves alone, and when it stops."""

import re

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from akeneo_jobs.models import JobExecution
from tests.factories import JobExecutionFactory, StepExecutionFactory, StepWarningFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HIDE = """() => {
  Object.defineProperty(document, "hidden", { get: () => window.isHidden, configurable: true });
  window.isHidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  window.isHidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NAME = settings.SESSION_COOKIE_NAME
STALE = re.compile("not up to date")


@pytest.fixture
def execution(settings):
    """An operation that runs, and has a warning."""
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "REFRESH_REPORT": 0.2, "REFRESH_BELL": 600}
    execution = JobExecutionFactory(status="started", processed=1, total=9, warning_count=1)
    step = StepExecutionFactory(execution=execution, position=1, status="started")
    StepWarningFactory(step=step, item={"sku": "1"})
    return execution


@pytest.fixture
def report(page, client, live_server, execution):
    """The report, open in a browser."""
    client.force_login(execution.user)
    cookie = client.cookies[NAME].value
    page.context.add_cookies([{"name": NAME, "value": cookie, "url": live_server.url}])
    page.goto(execution.get_absolute_url())
    return page


def answers(page, milliseconds=1000):
    """Return how often the page asks for itself within a time."""
    asked = []
    listen = lambda request: asked.append(request.url)  # noqa: E731
    page.on("request", listen)
    page.wait_for_timeout(milliseconds)
    page.remove_listener("request", listen)
    return len(asked)


def change(execution, **values):
    JobExecution.objects.filter(pk=execution.pk).update(**values)


def test_what_differs_is_exchanged_and_open_details_focus_and_selection_stay(report, execution):
    details = report.locator("#akj-report details").first
    details.evaluate("element => { element.open = true; element.isMine = true; }")
    details.locator("summary").focus()
    report.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    change(execution, processed=8)
    expect(report.locator("#akj-report")).to_contain_text("8 / 9")
    assert details.evaluate("element => [element.open, element.isMine]") == [True, True]
    assert report.evaluate("document.activeElement.nodeName") == "SUMMARY"
    assert report.evaluate("getSelection().toString()")


def test_a_page_rests_when_nothing_runs_any_more(report, execution):
    assert answers(report) > 1
    change(execution, status="completed")
    expect(report.locator("#akj-report")).to_contain_text("Completed")
    assert answers(report) == 0


def test_a_page_rests_while_its_tab_is_hidden(report):
    report.evaluate(HIDE)
    report.wait_for_timeout(400)
    assert answers(report) == 0
    report.evaluate(SHOW)
    assert answers(report) > 1


def test_a_page_says_when_the_answer_stays_away_and_when_it_is_back(report):
    report.context.set_offline(True)
    expect(report.locator("#akj-stale")).to_have_text(STALE)
    report.context.set_offline(False)
    expect(report.locator("#akj-stale")).to_have_text("")


def test_a_page_says_that_the_person_has_logged_out(report):
    Session.objects.all().delete()
    expect(report.locator("#akj-stale")).to_have_text(STALE)
    assert answers(report) == 0
