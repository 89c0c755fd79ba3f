"""What a fault is, and the scene that it is played on."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil
from django.core.files.base import ContentFile

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution
from chaos import phases
from chaos.proof import prove_import

GONE = (psutil.NoSuchProcess, ProcessLookupError)
AIMING = 5  # seconds
TRIES = 100  # to freeze a process before its phase is over


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
    supply: object  # 8,000 rows
    small: object
    duration: float = 0.0  # seconds of an undisturbed import
    number: int = 0  # of the run: faults of several kinds take turns
    aims: int = 0  # phases take turns, too
    landings: list = field(default_factory=list)  # phases that were hit in this run

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

    def record_import(self, supply):
        """Launch an import that no queue is told of."""
        content = ContentFile(supply.content, name="rows.csv")
        return actions.record("chaos_import", user=self.user, parameters={"file": content})

    def wait_for(self, *executions, timeout=90):
        """Wait until all of them are over."""
        rows = JobExecution.objects.finished().filter(pk__in=[one.pk for one in executions])
        self.world.wait(lambda: rows.count() == len(executions), timeout)

    def wait_for_status(self, execution, *statuses):
        self.world.wait(lambda: reread(execution).status in statuses)
        return reread(execution).status

    def wait_for_moment(self, rng, share=0.95):
        """Let a random part of an import's time go by."""
        time.sleep(rng.uniform(0, share * self.duration))

    def horse_at(self, execution):
        """Return the process that runs an execution; `Missed` where it is over."""
        found = []

        def look():
            horses = [horse for worker in self.world.workers for horse in self.world.horses(worker)]
            found[:] = horses
            return found or is_over(execution)

        self.world.wait(look)
        if not found or is_over(execution):
            raise Missed
        return found[0]

    # Aim

    def next_phase(self):
        """Return the phase to be hit next: each in turn."""
        self.aims += 1
        return phases.PHASES[self.aims % len(phases.PHASES)]

    def freeze_in_next_phase(self, process):
        """Freeze a process in the phase that is next, and note that it was hit there."""
        wanted = self.next_phase()
        for _ in range(TRIES):
            wait_for_phase(process, wanted)
            try:
                process.suspend()
                stands_still(process)
                if phases.phase_of(process.pid) == wanted:
                    self.landings.append(wanted)
                    return
                process.resume()
            except GONE:
                raise Missed from None
        raise Missed


def wait_for_phase(process, wanted):
    """Return as soon as a process is in a phase. Raises `Missed`."""
    deadline = time.monotonic() + AIMING
    while phases.phase_of(process.pid) != wanted:
        if time.monotonic() > deadline or not lives(process):
            raise Missed
        time.sleep(phases.PAUSE)


def stands_still(process):
    """Wait until a process is really stopped; a system call may take a moment to end."""
    deadline = time.monotonic() + AIMING
    while process.status() != psutil.STATUS_STOPPED:
        if not lives(process) or time.monotonic() > deadline:
            raise Missed
        time.sleep(phases.PAUSE)


def lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def has_pending(process, number):
    """Say whether a signal waits for a process that stands still (Linux)."""
    with open(f"/proc/{process.pid}/status") as lines:
        masks = [int(line.split()[1], 16) for line in lines if line[:7] in ("SigPnd:", "ShdPnd:")]
    return any(mask >> (number - 1) & 1 for mask in masks)


def is_over(execution):
    return JobExecution.objects.finished().filter(pk=execution.pk).exists()


def reread(execution):
    return JobExecution.objects.get(pk=execution.pk)


def end(process, number):
    """Send a signal to a process that may be gone."""
    try:
        os.kill(process.pid, number)
    except GONE:
        return
