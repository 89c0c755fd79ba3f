"""Play the faults, one run after the other, and report."""

import logging
import random
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

import proofs
from akeneo_jobs.models import JobExecution
from chaos import commits, phases
from chaos.faults import Missed, Scene
from chaos.models import ImportedRow
from chaos.proof import prove_nothing_runs
from chaos.repertoire import chosen
from chaos.supply import make_supply
from chaos.world import World
from proofs import machine

ATTEMPTS = 25  # tries to hit an execution while it runs
COLUMNS = ("fault", "runs", "what was shown", "where it landed", "failures", "seconds")
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


@dataclass
class Result:
    """One row of the table."""

    fault: object
    runs: int = 0
    failures: int = 0
    seconds: float = 0.0
    notes: Counter = field(default_factory=Counter)
    landings: Counter = field(default_factory=Counter)  # by phase

    def __str__(self):
        notes = ", ".join(f"{count} × {note}" for note, count in sorted(self.notes.items()))
        shown = f"{self.fault.shows} ({notes})" if notes else self.fault.shows
        places = [*phases.PHASES, *sorted(self.landings.keys() - {*phases.PHASES})]
        landed = ", ".join(f"{self.landings[at]} × {at}" for at in places if self.landings[at])
        cells = (self.fault.name, self.runs, shown, landed, self.failures, f"{self.seconds:.0f}")
        return f"| {' | '.join(map(str, cells))} |"


def drill(arguments, directory):
    """Run what was asked for; return the exit code."""
    logging.getLogger("akeneo_jobs").setLevel(logging.CRITICAL)
    call_command("migrate", run_syncdb=True, verbosity=0)
    commits.slow_down()
    measurement = proofs.begin("chaos") if arguments.write else None
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
        results = [_play(scene, fault, arguments) for fault in chosen(arguments.only)]
    finally:
        scene.world.close()
    table = "\n".join([HEAD, *map(str, results)])
    print(table)
    if measurement is not None:
        details = f"seed {arguments.seed}, {sum(one.seconds for one in results) / 60:.0f} minutes"
        measurement.write(table, details=details, machine=machine.describe(connection))
    return 1 if any(result.failures for result in results) else 0


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
            result.landings.update(scene.landings)
            return None
        raise TimeoutError("the fault never hit an execution that runs")
    except Exception:
        report = [traceback.format_exc(), f"Landed: {scene.landings}", _rows()]
        report.append(scene.world.tails())
        _start_anew(scene)
        return "\n".join(report)


def _clear(scene, fault):
    scene.world.wait(lambda: not JobExecution.objects.active().exists(), 60)  # Of a missed one.
    scene.landings = []
    phases.want(None)
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
