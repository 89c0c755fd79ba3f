"""What a fault is, and the scene that it is played on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.base import ContentFile

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution
from chaos.proof import prove_import


class Missed(Exception):
    """The execution was over before the fault came; another moment is tried."""


@dataclass
class Fault:
    """Something that breaks, and what must hold all the same."""

    code: str
    name: str
    runs: int
    short: int  # runs of the short version
    shows: str
    play: Callable  # play(scene, rng) returns a note for the table, or raises
    workers: int = 1


@dataclass
class Scene:
    """The world, who launches in it, and the files that are imported."""

    world: object
    user: object
    supply: object  # 20,000 rows
    small: object
    duration: float = 0.0  # seconds of an undisturbed import
    number: int = 0  # of the run: faults of two kinds take turns

    @property
    def is_odd(self):
        return self.number % 2 == 1

    def measure(self):
        started = time.monotonic()
        execution = self.launch_import()
        self.wait_for(execution)
        self.duration = time.monotonic() - started
        prove_import(execution.pk, self.supply, attempts=1)

    def launch_import(self, supply=None, job_type="chaos_import"):
        content = ContentFile((supply or self.supply).content, name="rows.csv")
        return actions.launch(job_type, user=self.user, parameters={"file": content})

    def wait_for(self, *executions, timeout=90):
        """Wait until all of them are over."""
        rows = JobExecution.objects.finished().filter(pk__in=[one.pk for one in executions])
        self.world.wait(lambda: rows.count() == len(executions), timeout)

    def wait_for_moment(self, rng, share=0.95):
        """Let a random part of an import's time go by."""
        time.sleep(rng.uniform(0, share * self.duration))

    def horse_at(self, execution):
        """Return the process that runs an execution; `Missed` where it is over."""
        found = []

        def look():
            found[:] = self.world.horses(self.world.workers[0])
            return found or is_over(execution)

        self.world.wait(look)
        if not found or is_over(execution):
            raise Missed
        return found[0]


def is_over(execution):
    return JobExecution.objects.finished().filter(pk=execution.pk).exists()


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)
