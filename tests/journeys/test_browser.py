"""What a person sees and does, in a headless Chromium, with a real Redis and a real worker.

Every page is served under a strict content policy (`tests.content_policy`), and each test fails on
any error in the console: a violation of the policy is one.
"""

import csv
import io
import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext, pgettext
from playwright.sync_api import expect

import akeneo_jobs
from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution
from example_project.catalog import demo
from example_project.catalog.models import Category, Product
from example_project.services import ROOT
from tests.content_policy import StrictPolicy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 60_000  # Milliseconds that an operation may take.
CATALOGS = 16  # As many demo catalogs in one file: long enough to watch its progress.
NOTE_OF_REFUSAL = "status of 422"  # Chromium notes each; the page itself says why.
DATA = ROOT.parent / "shared" / "data"
FRENCH = Path(akeneo_jobs.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "django.mo"
LANGUAGES = [
    "en",
    pytest.param(
        "fr", marks=pytest.mark.skipif(not FRENCH.exists(), reason="French is not compiled.")
    ),
]


@pytest.fixture(autouse=True)
def _demo(settings, transactional_db):
    """The people and profiles of the demo, and pages that refresh quickly."""
    settings.AKENEO_JOBS = {
        **settings.AKENEO_JOBS,
        "REFRESH_REPORT": 0.3,
        "REFRESH_TRACKER": 0.5,
        "REFRESH_BELL": 0.5,
    }
    call_command("demo_data")


@pytest.fixture
def open_browser(browser, live_server):
    """Open a browser, as often as it is called; none of them may see an error in its console."""
    contexts, errors = [], []

    def open_browser(language="en", **options):
        context = browser.new_context(base_url=live_server.url, locale=language, **options)
        context.set_default_timeout(15_000)
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page = context.new_page()
        page.on("console", lambda message: is_wrong(message) and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        contexts.append(context)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def open_as(open_browser):
    """Open a browser and log in through the login page of the host."""

    def open_as(name, language="en", url="/", **options):
        page = open_browser(language, **options)
        page.goto(url)
        page.locator("[name=username]").fill(name)
        page.locator("[name=password]").fill(name)
        page.locator("main form button").click()
        return page

    return open_as


@pytest.fixture
def large_catalog(tmp_path):
    path = tmp_path / "catalog.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, demo.COLUMNS)
        writer.writeheader()
        for number in range(CATALOGS):
            writer.writerows(
                row | {"sku": row["sku"] and f"{row['sku']}-{number}"} for row in demo.products()
            )
    return path


def is_wrong(message):
    return message.type == "error" and NOTE_OF_REFUSAL not in message.text


def words_of(language):
    """Return a function that says a text in a language."""

    def say(text, context=None, **values):
        with translation.override(language):
            said = pgettext(context, text) if context else gettext(text)
        return said % values if values else said

    return say


def upload_and_launch(page, path, label):
    page.locator(".akj-form--upload input[type=file]").set_input_files(path)
    page.get_by_role("button", name=label).click()


def status_of(page):
    return page.locator(".akj-summary .akj-badge__text")


def progress_values(page, count):
    """Wait until the bar has shown so many values and return them."""
    bar, seen = page.locator(".akj-summary progress"), []
    while len(seen) < count:
        value = bar.get_attribute("value")
        if value not in (None, "0", *seen):
            seen.append(value)
        assert seen[-1:] != ["100"] or len(seen) >= count, "It ended before its progress was seen."
        page.wait_for_timeout(100)
    return [int(value) for value in seen]


def export_as_julia(worker, wait_until):
    """Launch an export outside the browser and return it when it has ended."""
    worker()
    julia = get_user_model().objects.get(username="julia")
    execution = actions.launch("csv_product_export", user=julia)
    wait_until(lambda: JobExecution.objects.get(pk=execution.pk).is_finished)
    return execution


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_import_from_upload_to_report(open_as, worker, large_catalog, language):
    worker()
    say = words_of(language)
    page = open_as("julia", language, "/jobs/profiles/import/")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Imports"))
    page.get_by_role("link", name="Demo products").click()
    upload_and_launch(page, large_catalog, say("Upload and import now"))
    flash = say("The import “%(label)s” is running.", label="Demo products")
    expect(page.get_by_text(flash)).to_be_visible()

    page.evaluate("() => { window.isSameDocument = true }")
    values = progress_values(page, 3)
    assert values == sorted(values)
    expect(status_of(page)).to_have_text(say("Completed"), timeout=PATIENCE)
    expect(page.locator("#akj-bell-number")).to_contain_text("1")
    assert page.evaluate("() => window.isSameDocument")

    page.locator("#akj-bell summary").click()
    message = say("Import “%(label)s” finished with some warnings", label="Demo products")
    page.get_by_role("button", name=message).click()
    expect(page).to_have_url(re.compile("/jobs/executions/"))
    expect(page.locator("#akj-bell-number")).to_be_empty()
    expect(page.locator(".akj-counts")).to_contain_text(say("created", context="count"))
    first = page.locator(".akj-warning").first
    first.get_by_text(say("Display item")).click()
    expect(first.locator(".akj-item__values")).to_contain_text("sku")
    assert Product.objects.count() > 1000 * CATALOGS


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_is_launched_followed_and_downloaded(open_as, worker, language):
    worker()
    say = words_of(language)
    Product.objects.create(sku="lamp-1", name="Lampe à pétrole")
    page = open_as("julia", language)
    page.get_by_role("link", name=say("Exports"), exact=True).click()
    page.get_by_role("link", name="CSV").first.click()
    page.get_by_role("button", name=say("Export now")).click()
    expect(status_of(page)).to_have_text(say("Completed"), timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator(".akj-file a[download]").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["sku"], row["name"]) for row in rows] == [("lamp-1", "Lampe à pétrole")]
    page.get_by_role("link", name=say("Show profile")).click()
    expect(page.locator("#akj-executions .akj-badge__text")).to_have_text(say("Completed"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_another_person_sees_of_it(open_as, worker, wait_until, language):
    execution = export_as_julia(worker, wait_until)
    say = words_of(language)
    page = open_as("peter", language)
    nothing = say("There is no operation to display for now.")
    expect(page.locator("#akj-last-operations")).to_contain_text(nothing)
    expect(page.locator("#akj-bell-number")).to_be_empty()
    page.goto("/jobs/")
    expect(page.locator("#akj-tracker")).to_contain_text(nothing)
    expect(page.get_by_role("heading", level=1)).to_contain_text("0")
    page.goto(execution.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Product export in CSV"))
    expect(status_of(page)).to_have_text(say("Completed"))
    expect(page.locator("a[download]")).to_have_count(0)
    for file in execution.files.all():
        assert page.request.get(file.get_absolute_url()).status == 403


@pytest.mark.skipif(not FRENCH.exists(), reason="French is not compiled.")
def test_french_is_the_french_of_the_pim(open_as, worker, wait_until):
    execution = export_as_julia(worker, wait_until)
    page = open_as("julia", "fr")
    expect(page.get_by_role("heading", name="Dernières opérations")).to_be_visible()
    page.goto("/jobs/")
    expect(page).to_have_title("Traqueur de processus")
    expect(page.locator("#akj-tracker .akj-badge__text")).to_have_text("Terminé")
    page.goto(execution.get_absolute_url())
    expect(page.get_by_role("heading", name="Étapes")).to_be_visible()


@pytest.mark.skipif(not DATA.exists(), reason="The shops' own files are not on this machine.")
@pytest.mark.parametrize(
    ("profile", "file", "model", "number"),
    [
        ("magento_products", "products_magento.csv", Product, 1994),
        ("bestbuy_categories", "categories_bestbuy.csv", Category, 4584),
    ],
)
def test_the_file_of_a_real_shop_is_imported(open_as, worker, profile, file, model, number):
    worker()
    page = open_as("julia", url=f"/jobs/profiles/import/{profile}/")
    upload_and_launch(page, DATA / file, "Upload and import now")
    expect(status_of(page)).to_have_text("Completed", timeout=PATIENCE)
    expect(page.locator(".akj-summary__progress")).to_contain_text(f"{number:,} / {number:,}")
    assert model.objects.count() > number * 0.9  # What is missing has a warning.


def test_a_refused_launch_says_why(open_as):
    page = open_as("julia", url="/jobs/launch/counting/")
    page.get_by_label("Count").fill("-1")
    page.locator("form.akj-form").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Launch").click()
    expect(page.locator(".akj-message--error")).to_contain_text("Failed to launch the operation.")


def test_all_of_it_works_without_a_script(open_as, worker):
    worker()
    page = open_as("julia", url="/jobs/launch/endless/", java_script_enabled=False)
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_text("The bulk action “Endless job” has been launched.")).to_be_visible()
    expect(status_of(page)).to_have_text("Started", timeout=PATIENCE)  # The page reloads itself.
    page.locator("main").get_by_text("Stop", exact=True).click()
    page.get_by_role("button", name="Stop the operation").click()
    expect(status_of(page)).to_have_text("Stopped", timeout=PATIENCE)
    page.locator("#akj-bell summary").click()
    page.locator("#akj-bell").get_by_role("link", name="View all").click()
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()


def test_every_page_was_served_under_the_strict_policy(open_as):
    page = open_as("julia")
    response = page.goto("/jobs/")
    assert response.headers["content-security-policy"] == StrictPolicy.header
