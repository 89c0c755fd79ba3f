"""Faults of delivery: twice, or of what was never committed."""

import threading
import time

import django_rq
from django.db import connection, transaction

from akeneo_jobs import actions, queue, runner
from akeneo_jobs.models import JobExecution
from chaos.models import ImportedRow
from chaos.proof import Proof, prove_import, prove_row

LAUNCHES = 50  # committed, and as many rolled back
THREADS = 4


class RolledBack(Exception):
    """What a launcher's own code raises."""


def deliver_twice(scene, rng):
    """Give two workers the same execution at almost the same time."""
    execution = scene.launch_import(scene.small)
    how = "under one id" if scene.is_odd else "under two ids"
    _deliver_again(execution, how)
    time.sleep(rng.uniform(0, 0.3))
    _deliver_again(execution, how)
    scene.wait_for(execution)
    scene.world.wait(lambda: not any(map(scene.world.horses, scene.world.workers)))
    prove_import(execution.pk, scene.small, attempts=1)
    return how


def _deliver_again(execution, how):
    with_id = {"job_id": str(execution.uuid)} if how == "under one id" else {}
    queue_ = django_rq.get_queue("default", commit_mode="auto")
    queue_.enqueue(runner.run, execution.pk, job_timeout=queue.NO_TIME_LIMIT, **with_id)


def roll_back(scene, rng):
    """Launch in transactions of which half are rolled back, interleaved."""
    fates = [True] * LAUNCHES + [False] * LAUNCHES
    rng.shuffle(fates)
    committed, errors = {}, []

    def launcher(share, is_nested):
        try:
            for number, is_kept in share:
                execution = _launch(scene.user, number, is_kept, is_nested[number])
                if is_kept:
                    committed[number] = execution.pk
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    is_nested = [rng.random() < 0.5 for _ in fates]
    jobs = list(enumerate(fates))
    threads = [
        threading.Thread(target=launcher, args=(jobs[first::THREADS], is_nested))
        for first in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _prove_committed(scene, fates, committed, errors)


def _launch(user, number, is_kept, is_nested):
    """Launch in a transaction; a nested one is a savepoint in a transaction that commits."""
    execution = None
    with transaction.atomic():
        try:
            with transaction.atomic(durable=False, savepoint=is_nested):
                execution = actions.launch("chaos_row", user=user, parameters={"number": number})
                if not is_kept:
                    raise RolledBack
        except RolledBack:
            if not is_nested:
                transaction.set_rollback(True)
    return execution


def _prove_committed(scene, fates, committed, errors):
    scene.world.wait(lambda: not JobExecution.objects.active().exists())
    kept = [number for number, is_kept in enumerate(fates) if is_kept]
    proof = Proof()
    proof.equal("errors", errors, [])
    proof.equal("committed", sorted(committed), kept)
    proof.equal("executions", JobExecution.objects.count(), len(kept))
    rows = ImportedRow.objects.order_by("number").values_list("number", flat=True)
    proof.equal("what was run", list(rows), kept)
    proof.close()
    for number, pk in committed.items():
        prove_row(pk, number)
