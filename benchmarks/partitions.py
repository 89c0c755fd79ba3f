"""What a second worker brings to a step that is bound by the processor."""

import sys
from contextlib import closing
from urllib.parse import urlsplit

from django.conf import settings
from redis import Redis
from rq import Worker

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.testing import registered
from benchmarks import children
from benchmarks.executions import completed
from benchmarks.job_types import Hashing
from benchmarks.measure import Ratio, Way, alternate
from example_project.services import Service, start_redis, wait_until

ROWS_PER_ITEM = 50  # An item is much work, so there are fewer of them.
PATIENCE = 600  # seconds
PAUSE = 0.02  # seconds between two looks


def compare(size):
    count = max(size.rows // ROWS_PER_ITEM, 1)
    port = urlsplit(settings.REDIS_URL).port
    with (
        start_redis(port, size.directory / "redis.log", size.directory),
        Workers(size.directory) as workers,
        registered(Hashing),
    ):
        two, one = alternate(_way(workers, 2, count), _way(workers, 1, count), rounds=size.rounds)
    yield Ratio(f"{count:,} hashed items on 2 workers", "1 worker", two, one, at_least=1.8)


class Workers:
    """So many worker processes as are wanted, each of them listening."""

    def __init__(self, directory):
        self.directory = directory
        self.services = []

    def __enter__(self):
        return self

    def __exit__(self, *_details):
        self.be(0)

    def be(self, number):
        while len(self.services) > number:
            self.services.pop().stop()
        while len(self.services) < number:
            command = [sys.executable, "-m", "benchmarks.worker"]
            log = self.directory / "worker.log"
            self.services.append(Service("worker", command, log, children.environment()))
        pids = {service.pid for service in self.services}
        for service in self.services:
            service.wait_until_ready(lambda: pids <= _listening())


def _way(workers, number, count):
    executions = []

    def run():
        executions.append(actions.launch(Hashing, parameters={"count": count}))
        rows = JobExecution.objects.active().filter(pk=executions[-1].pk)
        wait_until(lambda: not rows.exists(), PATIENCE, PAUSE)
        completed(executions[-1])

    def counts():
        found = StepExecution.objects.filter(execution=executions[-1])
        return sorted(found.values_list("name", "processed", "counts__first_bytes"))

    return Way(f"{number} workers", run, counts, lambda: workers.be(number))


def _listening():
    with closing(Redis.from_url(settings.REDIS_URL)) as redis:
        return {worker.pid for worker in Worker.all(connection=redis) if worker.state == "idle"}
