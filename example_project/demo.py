"""Run the whole example on one machine: Redis, a worker, the web server, a first import."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from .services import (
    LOOPBACK,
    ROOT,
    RedisMissing,
    Service,
    ServiceDied,
    free_port,
    is_listening,
    manage,
    start_redis,
)

VAR = Path(__file__).resolve().parent / "var"
LOGS = VAR / "log"
CATALOG = VAR / "demo_products.csv"
LOGINS = ["julia", "mary", "peter", "admin"]
COMPLETED_WITH_WARNINGS = 2  # Exit code of launch_job: the demo catalog has faulty rows.


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    _on_signals(signal.default_int_handler)  # Each of them ends the demo like Ctrl-C.
    try:
        with ExitStack() as stack:
            try:
                return _run(options, stack)
            finally:
                _on_signals(signal.SIG_IGN)  # A second Ctrl-C must not leave a child behind.
    except (RedisMissing, ServiceDied, TimeoutError, subprocess.CalledProcessError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130 if options.exit else 0


def _on_signals(action: Callable | int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m example_project.demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the first import")
    parser.add_argument("--port", type=int, default=8000, help="of the web server, if it is free")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, stack: ExitStack) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    services = [*_redis(stack), *_database_and_worker(stack)]
    if options.exit:
        return _first_import(services)
    port = free_port(*range(options.port, options.port + 20))
    web = _service(stack, "web server", *manage("runserver", "--noreload", port))
    web.wait_until_ready(lambda: is_listening(port))
    if _first_import([*services, web]):
        print("The first import did not complete: its report says why.")
    _announce(port)
    return _serve([*services, web])


def _redis(stack: ExitStack) -> list[Service]:
    if "REDIS_URL" in os.environ:
        return []
    _say("Starting Redis")
    port = free_port()
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    redis = stack.enter_context(start_redis(port, _log("Redis"), Path(directory)))
    os.environ["REDIS_URL"] = f"redis://{LOOPBACK}:{port}/0"
    return [redis]


def _database_and_worker(stack: ExitStack) -> list[Service]:
    _say("Preparing the database and the demo catalog")
    subprocess.run(manage("migrate", "--verbosity", 0), cwd=ROOT, check=True)
    subprocess.run(manage("demo_data", "--csv", CATALOG), cwd=ROOT, check=True)
    _say("Starting a worker")
    return [_service(stack, "worker", *manage("rqworker", "default"))]


def _service(stack: ExitStack, name: str, *command: str) -> Service:
    return stack.enter_context(Service(name, list(command), _log(name)))


def _log(name: str) -> Path:
    path = LOGS / f"{name.lower().replace(' ', '-')}.log"
    path.unlink(missing_ok=True)
    return path


def _first_import(services: list[Service]) -> int:
    """Import the demo catalog as julia; 0 means that it completed, with warnings or without."""
    _say("Importing the demo catalog as julia")
    options = ["--parameter", f"file={CATALOG}", "--user", "julia", "--wait"]
    launch = subprocess.Popen(manage("launch_job", "csv_product_import", *options), cwd=ROOT)
    try:
        while launch.poll() is None:
            _check(services)
    finally:
        launch.kill()
    return 0 if launch.returncode in (0, COMPLETED_WITH_WARNINGS) else 1


def _serve(services: list[Service]) -> int:
    while True:
        _check(services)


def _check(services: list[Service]) -> None:
    for service in services:
        service.check()
    time.sleep(0.2)


def _say(sentence: str) -> None:
    print(f"{sentence} …", flush=True)


def _announce(port: int) -> None:
    address = f"http://{LOOPBACK}:{port}"
    lines = [
        f"Open    {address}/jobs/",
        f"API     {address}/api/jobs/executions/",
        f"Log in  {', '.join(LOGINS)} (the password is the name)",
        f"Logs    {LOGS.relative_to(ROOT)}/",
        "Stop    Ctrl-C",
    ]
    width = max(map(len, lines))
    body = "\n".join(f"│ {line:<{width}} │" for line in lines)
    edge = "─" * (width + 2)
    print(f"\n┌{edge}┐\n{body}\n└{edge}┘", flush=True)


if __name__ == "__main__":
    sys.exit(main())
