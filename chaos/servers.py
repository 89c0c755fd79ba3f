"""Faults of Redis, of PostgreSQL and of the storage."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages

from akeneo_jobs import actions
from akeneo_jobs.models import JobFile
from chaos.faults import is_over, reread
from chaos.proof import Broken, Proof, prove_import, prove_told_once

WAITING = 4  # executions that wait while one runs
BLOCKS = 2000  # KB of the file that does not fit


def restart_redis(scene, rng):
    """Restart Redis empty while one execution runs and some wait."""
    executions = [scene.launch_import()]
    executions += [scene.launch_import(scene.small) for _ in range(WAITING)]
    scene.wait_for_moment(rng)
    survivors = set(scene.world.workers)
    scene.world.redis.kill() if scene.is_odd else scene.world.redis.stop()
    time.sleep(rng.uniform(0, 3))
    scene.world.start_redis()
    scene.wait_for(*executions, timeout=120)
    for number, execution in enumerate(executions):
        prove_import(execution.pk, scene.small if number else scene.supply, attempts=1)
    survived = survivors == set(scene.world.workers)
    return "worker survived" if survived else "worker restarted by its service manager"


def restart_postgres(scene, rng):
    """Restart PostgreSQL, at once or after rolling back what is open."""
    execution = scene.launch_import()
    scene.wait_for_moment(rng)
    mode = "immediate" if scene.is_odd else "fast"
    missed = is_over(execution)
    scene.world.restart_postgres(mode)
    scene.wait_for(execution, timeout=120)
    ended = reread(execution)
    if ended.status == "failed":
        _prove_failure(ended, "database", "")
    else:
        prove_import(execution.pk, scene.supply)
    attempts = "one attempt" if ended.attempt == 1 else "restarted"
    return f"{mode}: {'over before' if missed else f'{ended.status}, {attempts}'}"


def fill_storage(scene, rng):
    """Let the storage fail while the second, large file is written."""
    kind = "full" if scene.is_odd else "read-only"
    with storage_trouble(kind) as how:
        execution = actions.launch(
            "chaos_export", user=scene.user, parameters={"number": BLOCKS + rng.randrange(500)}
        )
        scene.wait_for(execution)
        _prove_failure(reread(execution), "error", "OSError: [Errno")
        _prove_offered(execution)
    again = actions.relaunch(reread(execution), scene.user)
    scene.wait_for(again)
    proof = Proof()
    proof.equal("status of the next one", reread(again).status, "completed")
    proof.close()
    return f"{kind}, {how}"


@contextmanager
def storage_trouble(kind):
    """Fill the storage, with a small file system where we may mount one."""
    root = Path(storages["akeneo_jobs"].location)
    root.mkdir(parents=True, exist_ok=True)
    options = "size=900k" if kind == "full" else "ro,size=900k"
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(root)]
    if os.getuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield "tmpfs"
        finally:
            subprocess.run(["umount", "--lazy", str(root)], check=True)
        return
    Path(settings.FAULT).write_text("ENOSPC" if kind == "full" else "EROFS")
    try:
        yield "simulated"
    finally:
        Path(settings.FAULT).unlink()


def _prove_failure(execution, cause, reason):
    proof = Proof()
    proof.equal("status", execution.status, "failed")
    last = execution.failures[-1] if execution.failures else {}
    proof.equal("cause", last.get("cause"), cause)
    if reason not in last.get("reason", ""):
        proof.equal("reason", last.get("reason"), reason)
    prove_told_once(proof, execution, "error")
    proof.close()


def _prove_offered(execution):
    """Every file that is offered is there and whole; the large one is not."""
    root = Path(storages["akeneo_jobs"].location)
    stored = {path for path in root.rglob("*") if path.is_file()}
    for row in JobFile.objects.filter(execution=execution):
        path = Path(row.file.path)
        if row.name == "large.txt" or path not in stored or path.stat().st_size != row.size:
            raise Broken(f"{row.name} is offered, but not whole")
        stored.discard(path)
    if stored:
        raise Broken(f"left behind: {sorted(map(str, stored))}")
