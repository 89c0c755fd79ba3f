"""Faults of workers and of their work-horses."""

import signal
from contextlib import suppress

from akeneo_jobs.models import JobExecution
from chaos import phases
from chaos.faults import GONE, Missed, end, is_over, lives, reread, wait_for_phase
from chaos.models import ImportedRow
from chaos.proof import Broken, prove_import


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
        horse = scene.horse_at(execution)
        scene.freeze_in_next_phase(horse)
        horse.kill()
    except (Missed, *GONE):
        return 0
    return 1


def kill_part(scene, rng):
    """Kill a process that does a part of a step, up to three times, while another does others."""
    execution = scene.launch_import(job_type="chaos_parts")
    kills = 0
    for _ in range(rng.choice([1, 1, 2, 3])):
        scene.wait_for_moment(rng)
        with suppress(Missed, *GONE):
            for horse in scene.world.horses(rng.choice(scene.world.workers))[:1]:
                if not is_over(execution):
                    scene.freeze_in_next_phase(horse)
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
    wait_for_phase(horse, scene.next_phase())
    scene.world.workers[0].kill()
    scene.landings.append(phases.phase_of(horse.pid))
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
    scene.world.wait(lambda: not lives(horse))
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


def kill_watch(scene, rng):
    """Kill the watch beside a worker, idle or busy: another one does the upkeep within seconds."""
    worker = scene.world.workers[0]
    busy = None if scene.is_odd else scene.launch_import()
    if busy is not None:
        scene.wait_for_moment(rng)
    watch = scene.world.watch(worker)
    end(watch, signal.SIGKILL)
    scene.world.wait(lambda: scene.world.watch(worker) not in (None, watch), 10)
    lost = scene.record_import(scene.small)  # Nobody has handed it to the queue.
    scene.wait_for(lost)
    prove_import(lost.pk, scene.small, attempts=1)
    if busy is None:
        return "idle worker"
    scene.wait_for(busy)
    prove_import(busy.pk, scene.supply, attempts=1)
    return "busy worker"
