"""Orders: to give way to a deploy, to pause, to end at a time limit."""

import signal
import time

import psutil

from akeneo_jobs import actions
from akeneo_jobs.worker import GIVE_WAY
from chaos import phases
from chaos.faults import Missed, end, has_pending, is_over, lives, reread
from chaos.proof import Broken, prove_import

RESUMES = 20  # attempts that an import against time may take


def end_worker(scene, rng):
    """Send SIGTERM as a deploy does: to the worker, or to all its processes at once."""
    execution = scene.launch_import()
    scene.wait_for_moment(rng)
    horse = scene.horse_at(execution)
    scene.freeze_in_next_phase(horse)  # The order waits for it, so it lands in this phase.
    worker = scene.world.workers[0]
    _send_sigterm(worker, is_to_all=scene.is_odd)
    scene.world.wait(lambda: has_pending(horse, GIVE_WAY))
    horse.resume()
    scene.world.wait(lambda: not worker.is_running, 30)
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    gave_way = "gave way" if reread(execution).attempt > 1 else "ended first"
    return f"{'whole control group' if scene.is_odd else 'worker alone'}: {gave_way}"


def end_all_workers(scene, rng):
    """Deploy twice in a row: SIGTERM to all workers at once, and to those that follow them."""
    execution = scene.launch_import(job_type="chaos_import" if scene.is_odd else "chaos_parts")
    deploys = 0
    for _ in range(2):
        scene.wait_for_moment(rng, 0.6)
        if is_over(execution):
            break
        workers = list(scene.world.workers)
        for horse in (horse for worker in workers for horse in scene.world.horses(worker)):
            scene.landings.append(phases.phase_of(horse.pid) or "before the first row")
        for worker in workers:
            _send_sigterm(worker, is_to_all=scene.is_odd)
        scene.world.wait(lambda old=workers: not any(one.is_running for one in old), 30)
        scene.world.want(2)
        deploys += 1
    if deploys < 2:
        raise Missed
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    return "whole step" if scene.is_odd else "in parts"


def _send_sigterm(worker, *, is_to_all):
    targets = [psutil.Process(worker.pid)]
    if is_to_all:
        targets += targets[0].children(recursive=True)
    for target in targets:
        end(target, signal.SIGTERM)


def pause_and_resume(scene, rng):
    """Pause, and resume at once or after a while, up to three times."""
    execution = scene.launch_import(job_type="chaos_import" if scene.is_odd else "chaos_parts")
    pauses = 0
    for _ in range(rng.choice([1, 2, 3])):
        scene.wait_for_moment(rng, 0.5)
        pauses += _pause(scene, execution, rng)
    if not pauses:
        raise Missed
    scene.wait_for(execution)
    prove_import(execution.pk, scene.supply)
    return "whole step" if scene.is_odd else "in parts"


def _pause(scene, execution, rng):
    """Pause and resume once; return whether the pause has reached it."""
    scene.world.wait(lambda: reread(execution).status != "starting")
    if not reread(execution).can_pause:
        return 0
    horses = [horse for worker in scene.world.workers for horse in scene.world.horses(worker)]
    phases.want(scene.next_phase())
    actions.pause(reread(execution), scene.user)
    if scene.wait_for_status(execution, "paused", "completed") == "completed":
        return 0
    scene.landings.extend(filter(None, [phases.landing_of(horse.pid) for horse in horses]))
    time.sleep(rng.choice([0, 0.5]))
    actions.resume(reread(execution), scene.user)
    return 1


def run_out_of_time(scene, rng):
    """Resume an import that its time limit ends, again and again, until it is done."""
    phases.want(scene.next_phase())
    execution = scene.launch_import(job_type="chaos_limited")
    resumes = 0
    while (ended := _end_of_attempt(scene, execution)).status != "completed":
        if resumes == RESUMES:
            raise Broken(f"not completed after {RESUMES} attempts")
        _prove_time_ran_out(ended)
        resumes += 1
        phases.want(scene.next_phase())
        actions.resume(ended, scene.user)
    if not resumes:
        raise Missed
    prove_import(execution.pk, scene.supply, told=["error"] * resumes + ["warning"])
    return f"{resumes} × resumed"


def _end_of_attempt(scene, execution):
    """Return the execution when its process has ended; note where its time limit has hit it."""
    horse = scene.horse_at(execution)
    scene.world.wait(lambda: not lives(horse))
    scene.landings.extend(filter(None, [phases.landing_of(horse.pid)]))
    return reread(execution)


def _prove_time_ran_out(execution):
    causes = [failure["cause"] for failure in execution.failures]
    if execution.status != "failed" or set(causes) != {"timeout"}:
        raise Broken(f"{execution.status}, {causes} instead of failed by its time limit")
