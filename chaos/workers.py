"""Faults of workers and of their work-horses."""

import os
import signal
from contextlib import suppress

import psutil

from akeneo_jobs.models import JobExecution
from chaos.faults import Missed, is_over, reread
from chaos.models import ImportedRow
from chaos.proof import Broken, prove_import

GONE = (psutil.NoSuchProcess, ProcessLookupError)


def kill_horse(scene, rng):
    """Kill the work-horse, up to three times."""
    execution = scene.launch_import()
    kills = 0
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        scene.wait_for_moment(rng)
        kills += _kill_horse_once(scene, execution)
    if not kills:
        raise Missed
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    return "killed once" if kills == 1 else "killed again after its restart"


def _kill_horse_once(scene, execution):
    try:
        scene.horse_at(execution).kill()
    except (Missed, *GONE):
        return 0
    return 1


def kill_part(scene, rng):
    """Kill a process that does a part of a step, up to three times, while another does others."""
    execution = scene.launch_import(job_type="chaos_parts")
    kills = 0
    for _ in range(rng.choice([1, 1, 2, 3])):
        scene.wait_for_moment(rng)
        with suppress(*GONE):
            for horse in scene.world.horses(rng.choice(scene.world.workers))[:1]:
                if not is_over(execution):
                    horse.kill()
                    kills += 1
    if not kills:
        raise Missed
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    return "helper killed" if reread(execution).attempt == 1 else "who answers for it killed"


def kill_worker(scene, rng):
    """Kill the worker, not its horse; every other horse is frozen until it was replaced."""
    execution = scene.launch_import()
    scene.wait_for_moment(rng)
    horse = scene.horse_at(execution)
    scene.world.workers[0].kill()
    if scene.is_odd:
        scene.wait_for(execution)
        prove_import(execution.pk, scene.supply)
        return "orphan lived on" if reread(execution).attempt == 1 else "orphan died, replaced"
    return _freeze(scene, execution, horse)


def _freeze(scene, execution, horse):
    try:
        horse.suspend()  # Before the kill, the kernel would hang it up with SIGHUP.
    except GONE:
        raise Missed from None
    try:
        scene.wait_for(execution)
        prove_import(execution.pk, scene.supply)
        before = _all_that_is_written(execution)
    finally:
        with suppress(*GONE):
            horse.resume()
    scene.world.wait(lambda: not _lives(horse))
    if _all_that_is_written(execution) != before:
        raise Broken("the orphan has written after it was replaced")
    was_replaced = reread(execution).attempt > 1
    return "orphan frozen and replaced" if was_replaced else "orphan frozen after its last write"


def _all_that_is_written(execution):
    steps = list(execution.steps.values())
    return [
        JobExecution.objects.filter(pk=execution.pk).values().get(),
        steps,
        list(execution.files.order_by("pk").values()),
        list(execution.notifications.order_by("pk").values()),
        [list(one.warnings.order_by("pk").values()) for one in execution.steps.all()],
        ImportedRow.objects.filter(execution=execution.uuid).count(),
    ]


def _lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def end_worker(scene, rng):
    """Send SIGTERM as a deploy does: to the worker, or to all its processes at once."""
    execution = scene.launch_import()
    scene.wait_for_moment(rng)
    if is_over(execution):
        raise Missed
    worker = scene.world.workers[0]
    targets = [psutil.Process(worker.pid)]
    if scene.is_odd:
        targets += targets[0].children(recursive=True)
    for target in targets:
        with suppress(*GONE):
            os.kill(target.pid, signal.SIGTERM)
    scene.world.wait(lambda: not worker.is_running, 30)
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    gave_way = "gave way" if reread(execution).attempt > 1 else "ended first"
    return f"{'whole control group' if scene.is_odd else 'worker alone'}: {gave_way}"
