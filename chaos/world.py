"""The servers and processes that are broken: PostgreSQL, Redis, workers."""

import os
import shlex
import subprocess
import time
from contextlib import closing
from urllib.parse import urlsplit

import psutil
from django.db import InterfaceError, OperationalError, connections
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from example_project.services import Service, manage, start_redis

PAUSE = 0.03  # seconds between two looks


class World:
    """A Redis, workers and the PostgreSQL of .ci/postgres, with a service manager's habits."""

    def __init__(self, directory):
        self.directory = directory
        self.url = os.environ["REDIS_URL"]
        self.workers = []
        self.wanted = 0  # workers that are started again when they end
        self.revivals = 0
        self._started = 0
        self._ready = set()  # pids; an emptied Redis has forgotten them
        self.start_redis()

    def close(self):
        self.wanted = 0
        for worker in self.workers:
            worker.patience = 0.5
            worker.stop()
        self.redis.stop()

    # Workers

    def want(self, number):
        """Have so many workers, all of them listening."""
        self.wanted = number
        self.revive()
        self.revivals = 0
        self.wait(lambda: all(map(self._listens, self.workers)), 60)

    def revive(self):
        """Replace the workers that have ended, as a service manager does."""
        self.workers = [worker for worker in self.workers if worker.is_running]
        while len(self.workers) < self.wanted:
            self._started += 1
            self.revivals += 1
            log = self.directory / f"worker-{self._started}.log"
            worker = Service("worker", manage("rqworker", "default"), log)
            self.workers.append(worker)
        while len(self.workers) > max(self.wanted, 0):
            self.workers.pop().stop()

    def horses(self, worker):
        """Return the processes of a worker that do the work, not the one that watches."""
        return [child for child in _children(worker) if _group_of(child) == child.pid]

    def watch(self, worker):
        """Return the process beside a worker, None where there is none."""
        own = (child for child in _children(worker) if _group_of(child) == worker.pid)
        return next(own, None)

    def _listens(self, worker):
        if worker.pid in self._ready:
            return True
        try:
            with closing(Redis.from_url(self.url)) as client:
                known = Worker.all(connection=client)
        except RedisError:
            return False
        self._ready.update(one.pid for one in known)
        return worker.pid in self._ready

    def tails(self):
        """Return the last lines of every worker's log."""
        logs = sorted(self.directory.glob("worker-*.log"), key=os.path.getmtime)[-3:]
        return "\n".join(f"--- {log.name}\n{_tail(log)}" for log in logs)

    # Redis

    def start_redis(self):
        port = urlsplit(self.url).port
        self.redis = start_redis(port, self.directory / "redis.log", self.directory)

    def client(self):
        return closing(Redis.from_url(self.url))

    # PostgreSQL

    def restart_postgres(self, mode):
        command = [*shlex.split(os.environ["PG_CTL"]), "restart", "--mode", mode]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)
        connections.close_all()

    # Time

    def wait(self, condition, timeout=60):
        """Wait until something holds, and keep the workers alive meanwhile."""
        deadline = time.monotonic() + timeout
        while not self._holds(condition):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not true within {timeout} seconds: {condition}")
            self.revive()
            time.sleep(PAUSE)

    def _holds(self, condition):
        try:
            return condition()
        except (OperationalError, InterfaceError):  # The database is being restarted.
            connections.close_all()
            return False


def _children(worker):
    """Return the living children of a worker."""
    try:
        children = psutil.Process(worker.pid).children()
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def _group_of(process):
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


def _tail(log, lines=60):
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
