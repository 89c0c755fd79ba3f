"""Play the faults, one run after the other, and report."""

import logging
import random
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.management import call_command

from akeneo_jobs.models import JobExecution
from chaos import deliveries, servers, workers
from chaos.faults import Fault, Missed, Scene
from chaos.models import ImportedRow
from chaos.proof import prove_nothing_runs
from chaos.supply import make_supply
from chaos.world import World

ATTEMPTS = 25  # tries to hit an execution while it runs
NOTHING_LOST = "0 rows lost, 0 twice, counts and warnings equal to the file, completed, told once"
FAULTS = [
    Fault("horse", "SIGKILL of the work-horse", 100, 4, NOTHING_LOST, workers.kill_horse),
    Fault(
        "worker",
        "SIGKILL of the worker, its horse left alive",
        30,
        4,
        f"{NOTHING_LOST}; a replaced horse writes nothing",
        workers.kill_worker,
    ),
    Fault(
        "part",
        "SIGKILL of one of two processes that share a step",
        50,
        4,
        NOTHING_LOST,
        workers.kill_part,
        workers=2,
    ),
    Fault("deploy", "SIGTERM of the worker", 30, 4, NOTHING_LOST, workers.end_worker),
    Fault(
        "redis",
        "Redis restarted empty, 1 execution running, 4 waiting",
        20,
        2,
        "each completed, in one attempt",
        servers.restart_redis,
    ),
    Fault(
        "postgres",
        "PostgreSQL restarted in mid-run",
        10,
        3,
        "completed with nothing lost, or failed with the cause",
        servers.restart_postgres,
    ),
    Fault(
        "twice",
        "two workers given the same execution",
        100,
        4,
        "one ran, in one attempt",
        deliveries.deliver_twice,
        workers=2,
    ),
    Fault(
        "rollback",
        "50 launches rolled back, 50 committed, from 4 threads, half in savepoints",
        20,
        2,
        "exactly the committed ones ran, each once",
        deliveries.roll_back,
        workers=2,
    ),
    Fault(
        "storage",
        "storage full or read-only while a file is written",
        10,
        4,
        "failed with the cause, nothing half-offered or left behind; the next one completes",
        servers.fill_storage,
    ),
]
HEAD = "| fault | runs | what was shown | failures | seconds |\n|---|---|---|---|---|"


@dataclass
class Result:
    """One row of the table."""

    fault: object
    runs: int = 0
    failures: int = 0
    seconds: float = 0.0
    notes: Counter = field(default_factory=Counter)

    def __str__(self):
        notes = ", ".join(f"{count} × {note}" for note, count in sorted(self.notes.items()))
        shown = f"{self.fault.shows} ({notes})" if notes else self.fault.shows
        cells = (self.fault.name, self.runs, shown, self.failures, f"{self.seconds:.0f}")
        return f"| {' | '.join(map(str, cells))} |"


def drill(arguments, directory):
    """Run what was asked for; return the exit code."""
    logging.getLogger("akeneo_jobs").setLevel(logging.CRITICAL)
    call_command("migrate", run_syncdb=True, verbosity=0)
    scene = Scene(
        world=World(directory),
        user=get_user_model().objects.create_user("julia"),
        supply=make_supply(random.Random(arguments.seed)),
        small=make_supply(random.Random(arguments.seed), 1000),
    )
    try:
        scene.world.want(1)
        scene.measure()
        print(f"An undisturbed import takes {scene.duration:.1f} s.", flush=True)
        results = [_play(scene, fault, arguments) for fault in _chosen(arguments)]
    finally:
        scene.world.close()
    print("\n".join([HEAD, *map(str, results)]))
    return 1 if any(result.failures for result in results) else 0


def _chosen(arguments):
    return [fault for fault in FAULTS if not arguments.only or fault.code in arguments.only]


def _play(scene, fault, arguments):
    result = Result(fault)
    runs = arguments.runs or (fault.short if arguments.short else fault.runs)
    started = time.monotonic()
    for number in range(arguments.first, arguments.first + runs):
        began = time.monotonic()
        scene.number = number
        error = _run(scene, fault, result, f"{arguments.seed}/{fault.code}/{number}")
        result.runs += 1
        seconds = time.monotonic() - began
        print(f"{fault.code} {number}: {'FAILED' if error else 'ok'} {seconds:.1f} s", flush=True)
        if error:
            result.failures += 1
            print(error, flush=True)
    result.seconds = time.monotonic() - started
    return result


def _run(scene, fault, result, seed):
    """Play one fault at a moment that it hits; return a report if a promise was broken."""
    try:
        for attempt in range(ATTEMPTS):
            _clear(scene, fault)
            try:
                note = fault.play(scene, random.Random(f"{seed}/{attempt}"))
            except Missed:
                continue
            scene.world.wait(lambda: not JobExecution.objects.active().exists(), 60)
            prove_nothing_runs()
            result.notes.update([note] if note else [])
            return None
        raise TimeoutError("the fault never hit an execution that runs")
    except Exception:
        report = [traceback.format_exc(), _rows(), scene.world.tails()]
        _start_anew(scene)
        return "\n".join(report)


def _clear(scene, fault):
    scene.world.want(fault.workers)
    with scene.world.client() as redis:
        redis.delete("rq:queue:default")
    JobExecution.objects.all().delete()
    ImportedRow.objects.all().delete()


def _start_anew(scene):
    """Let no run suffer from the one before."""
    scene.world.want(0)
    scene.world.redis.stop()
    scene.world.start_redis()


def _rows():
    columns = ("uuid", "status", "attempt", "restarts", "processed", "warning_count", "failures")
    columns += ("created_at", "started_at", "heartbeat_at", "delivered_at", "ended_at")
    return "\n".join(map(str, JobExecution.objects.values(*columns)[:20]))
