import os
import shutil
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from redis import Redis
from rq import Worker

from example_project.services import Service, manage, start_redis, wait_until

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop running.
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def pytest_unconfigure():
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)


@pytest.fixture(autouse=True)
def _english():
    """A request in another language leaves it behind in the thread; no test inherits it."""
    with translation.override("en"):
        yield


@pytest.fixture
def redis_url(tmp_path):
    """The address of a real, empty Redis; it is away in every test that does not ask for it."""
    url = os.environ["REDIS_URL"]
    with start_redis(urlsplit(url).port, tmp_path / "redis.log", tmp_path):
        yield url


@pytest.fixture
def redis(redis_url):
    with closing(Redis.from_url(redis_url)) as client:
        yield client


@pytest.fixture
def child_env(transactional_db):
    """The environment in which a child process works on the test database."""
    name = str(connection.settings_dict["NAME"])
    return {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_NAME": name}


@pytest.fixture
def worker(child_env, redis, tmp_path):
    """Start a real worker process, as often as it is called; all end with the test."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Service:
            command = manage("rqworker", *(arguments or ["default"]))
            log = tmp_path / f"worker-{len(list(tmp_path.iterdir()))}.log"
            service = stack.enter_context(Service("worker", command, log, child_env))
            service.patience = 1.5
            return service.wait_until_ready(lambda: _listens(redis, service.pid))

        yield start


@pytest.fixture(name="wait_until")
def wait_until_fixture():
    return wait_until


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; its tests skip on a machine that has none."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip("No Chromium found: install one (apt-get install chromium) to run this.")
    playwright = pytest.importorskip("playwright.sync_api")
    options = {"executable_path": path, "args": ["--no-sandbox"]}
    with playwright.sync_playwright() as tools, tools.chromium.launch(**options) as chromium:
        yield chromium


@pytest.fixture
def page(browser, live_server):
    """An empty page of a new browser context, at the address of the live server."""
    with browser.new_context(base_url=live_server.url) as context:
        yield context.new_page()


def _listens(redis: Redis, pid: int) -> bool:
    states = {worker.pid: worker.get_state() for worker in Worker.all(connection=redis)}
    return states.get(pid) in ("idle", "busy")
