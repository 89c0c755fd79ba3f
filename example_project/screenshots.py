"""Make the screenshots of the documentation from the running example."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

from .services import (
    LOOPBACK,
    ROOT,
    Service,
    free_port,
    is_listening,
    manage,
    start_redis,
)

FOLDER = ROOT / "docs" / "screenshots"
PERSON = "julia"
PROFILE = "demo_products"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1440, "height": 720}
GOOD_ROWS = 100  # Of the demo catalog: the first faulty one comes later.
RUNNING_COPIES = 300  # Of those rows in one file: still being imported while it is seen.
PATIENCE = 60_000  # Milliseconds.


def main() -> int:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = _start(stack, scratch)
        _launch_all(scratch)
        FOLDER.mkdir(parents=True, exist_ok=True)
        _take_all(address)
    return 0


def _start(stack: ExitStack, scratch: Path) -> str:
    """Start Redis, a worker and the web server on an empty database; return the address."""
    redis_port, web_port = free_port(), free_port()
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{scratch / 'db.sqlite3'}",
        "MEDIA_ROOT": str(scratch / "files"),
        "REDIS_URL": f"redis://{LOOPBACK}:{redis_port}/0",
    }
    stack.enter_context(start_redis(redis_port, scratch / "redis.log", scratch))
    _manage("migrate", "--verbosity", 0)
    _manage("demo_data", "--csv", scratch / "warnings.csv")
    worker = Service("worker", manage("rqworker", "default"), scratch / "worker.log")
    stack.enter_context(worker).patience = 1
    web = Service("web server", manage("runserver", "--noreload", web_port), scratch / "web.log")
    stack.enter_context(web).wait_until_ready(lambda: is_listening(web_port))
    return f"http://{LOOPBACK}:{web_port}"


def _launch_all(scratch: Path) -> None:
    """Launch what fails, goes well, warns and exports, then what still runs."""
    catalog = (scratch / "warnings.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    header, rows = catalog[0], catalog[1 : GOOD_ROWS + 1]
    many = [f"{number}-{row}" for number in range(RUNNING_COPIES) for row in rows]
    _write(scratch / "failing.csv", "price;color\n", [])
    _write(scratch / "clean.csv", header, rows)
    _write(scratch / "running.csv", header, many)
    for name in ("failing", "clean", "warnings"):
        _import(scratch / f"{name}.csv", "--wait")
    _manage("launch_job", "--profile", "products_csv", "--user", PERSON, "--wait")
    _import(scratch / "running.csv")


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text(header + "".join(rows), encoding="utf-8")


def _import(path: Path, *options: str) -> None:
    file = f"file={path}"
    _manage("launch_job", "--profile", PROFILE, "--parameter", file, "--user", PERSON, *options)


def _manage(*arguments: object) -> None:
    subprocess.run(manage(*arguments), cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def _take_all(address: str) -> None:
    with sync_playwright() as tools:
        path = next(filter(None, map(shutil.which, CHROMIUMS)))
        chromium = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = chromium.new_page(base_url=address, viewport=SIZE, color_scheme="light")
        _log_in(page)
        page.goto(f"/jobs/profiles/import/{PROFILE}/")
        page.wait_for_function("document.querySelector('progress').value > 10", timeout=PATIENCE)
        _take(page, "profile")
        page.goto("/jobs/")
        _take(page, "tracker")
        page.goto("/")
        _take(page, "widget", page.locator("#akj-last-operations"))
        page.goto("/jobs/?level=warning")
        page.locator(".akj-table__link").last.click()
        page.locator(".akj-item__summary").first.click()
        _take(page, "report")
        chromium.close()


def _log_in(page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=username]").fill(PERSON)
    page.locator("[name=password]").fill(PERSON)
    page.locator("main form button").click()


def _take(page, name: str, element=None) -> None:
    (element or page).screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
