"""The looks that a host can rely on: dark where the page is dark, cards where it is narrow."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.factories import JobExecutionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tracker(page, client, live_server):
    """The process tracker with one operation, open in a browser."""
    execution = JobExecutionFactory(status="completed")
    client.force_login(execution.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto("/jobs/")
    return page


def colour_of(page):
    return page.locator(".akj-page").first.evaluate("element => getComputedStyle(element).color")


def test_a_theme_on_a_parent_makes_it_dark_or_light(tracker):
    colours = []
    for theme in ("light", "dark", "light"):
        tracker.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        colours.append(colour_of(tracker))
    assert colours == ["rgb(27, 36, 48)", "rgb(227, 232, 239)", "rgb(27, 36, 48)"]


def test_it_follows_the_colour_scheme_of_its_page(tracker):
    colours = []
    for scheme in ("light", "dark"):
        tracker.evaluate(f"document.documentElement.style.colorScheme = '{scheme}'")
        tracker.evaluate(f"document.body.style.colorScheme = '{scheme}'")
        colours.append(colour_of(tracker))
    assert colours == ["rgb(27, 36, 48)", "rgb(227, 232, 239)"]


def test_a_property_of_the_host_changes_the_colour(tracker):
    tracker.evaluate("document.documentElement.style.setProperty('--akj-text', '#5a3e9c')")
    assert colour_of(tracker) == "rgb(90, 62, 156)"


def test_a_table_becomes_cards_by_the_width_of_its_container(tracker):
    cell = tracker.locator(".akj-table td").first
    expect(cell).to_have_css("display", "table-cell")
    tracker.locator(".akj-page").first.evaluate("element => element.style.width = '30rem'")
    expect(cell).not_to_have_css("display", "table-cell")
