"""Processes that die before they have started an execution, or at a step's first moment."""

import time
from contextlib import suppress
from pathlib import Path

import psutil

from chaos.faults import GONE, Missed, reread, stands_still
from chaos.proof import Broken, Proof, prove_import, prove_told_once

AT_ONCE = 3  # seconds from the death of a work-horse to the next start, its worker being alive
SOON = 10  # the same where its worker died, too
LOOKING = 15  # seconds
PAUSE = 0.0002  # seconds between two looks


def kill_before_start(scene, rng):
    """Kill a work-horse that has not started its execution yet; with its worker or without."""
    is_second = scene.number % 4 in (3, 0)
    known = _children(scene)
    execution = scene.launch_import(scene.supply if is_second else scene.small)
    if is_second:
        scene.wait_for_moment(rng, 0.7)
        horse = scene.horse_at(execution)
        known |= {horse.pid}
        horse.kill()
    attempts = reread(execution).attempt
    horse = _new_horse(scene, known)
    time.sleep(rng.uniform(0, 0.01))
    _kill_unstarted(scene, execution, horse, attempts)
    began = time.monotonic()
    scene.world.wait(lambda: reread(execution).attempt > attempts)
    _prove_soon(time.monotonic() - began, AT_ONCE if scene.is_odd else SOON)
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply if is_second else scene.small, attempts=attempts + 1)
    return f"{'second' if is_second else 'first'} start, {_victim(scene)} killed"


def _kill_unstarted(scene, execution, horse, attempts):
    try:
        horse.suspend()
        stands_still(horse)
        row = reread(execution)
        if (row.status, row.attempt) != ("starting", attempts):
            horse.resume()
            raise Missed
        if not scene.is_odd:
            scene.world.workers[0].kill()
        with suppress(*GONE):
            horse.kill()
    except GONE:
        raise Missed from None


def _victim(scene):
    return "work-horse" if scene.is_odd else "work-horse and worker"


def _prove_soon(seconds, limit):
    if seconds > limit:
        raise Broken(f"{seconds:.1f} s until it was started, instead of {limit}")


def _children(scene):
    pid = scene.world.workers[0].pid
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()  # Quicker than psutil.
    return set(map(int, text.split()))


def _new_horse(scene, known):
    deadline = time.monotonic() + LOOKING
    while not (new := _children(scene) - known):
        if time.monotonic() > deadline:
            raise Missed
        time.sleep(PAUSE)
    return psutil.Process(new.pop())


def die_at_first_moment(scene, rng):
    """Let the second step die at once: the numbers of the first are not its own."""
    time.sleep(rng.uniform(0, 0.5))
    job_type = "chaos_first_moment" if scene.is_odd else "chaos_last_moment"
    execution = scene.launch_import(scene.small, job_type)
    scene.wait_for(execution)
    proof = Proof()
    ended = reread(execution)
    first, second = ended.steps
    status = "completed" if scene.is_odd else "failed"
    proof.equal("status", (ended.status, second.status), (status, status))
    proof.equal("counts of the first", (first.processed, first.counts["read"]), (1000, 1000))
    numbers = (second.processed, second.total, second.counts, second.warning_count)
    proof.equal("numbers of the second", numbers, (0, None, {}, 0))
    proof.equal("numbers of the row", (ended.processed, ended.counts), (0, {}))
    proof.equal("warnings", ended.warning_count, first.warning_count)
    prove_told_once(proof, ended, "warning" if scene.is_odd else "error")
    proof.close()
    return "restarted" if scene.is_odd else "failed"
