"""What it costs to purge many executions, on the PostgreSQL of DATABASE_URL.

Each count is purged by a process of its own, so that its peak of memory is the purge's.
"""

import argparse
import os
import subprocess
import sys
import time

import django
from django.core.management import call_command
from django.db import connection

import proofs
from benchmarks import children
from proofs import machine

COUNTS = (10_000, 1_000_000)
PURGE = [sys.executable, "-m", "example_project.manage", "purge_jobs", "--verbosity", "0"]
HEAD = "| executions | warnings | seconds | per second | peak memory |\n|---|---|---|---|---|"


def main():
    arguments = _parse()
    measurement = proofs.begin("purge") if arguments.write else None
    _set_up()
    print(HEAD)
    rows = []
    for count in arguments.counts or COUNTS:
        rows.append(purged(count))
        print(rows[-1], flush=True)
    if measurement:
        measurement.write("\n".join([HEAD, *rows]), machine=machine.describe(connection))


def _parse():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.purge", description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, metavar="COUNT", help="of executions")
    parser.add_argument("--write", action="store_true", help="put the table into docs/")
    return parser.parse_args()


def _set_up():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    os.environ["DEBUG"] = "0"  # It would keep the text of the last 9,000 queries.
    django.setup()
    call_command("migrate", verbosity=0)


def purged(count):
    """Fill the tables and purge them; return the row of this count."""
    from akeneo_jobs.models import StepWarning
    from benchmarks.ended import fill

    fill(count)
    warnings = StepWarning.objects.count()
    connection.close()
    seconds, memory = measure()
    if StepWarning.objects.exists():
        raise SystemExit("The purge left something behind.")
    row = f"{count:,} | {warnings:,} | {seconds:.3g} | {count / seconds:,.0f}"
    return f"| {row} | {memory} MB |"


def measure():
    """Purge in a child process; return its seconds and its peak of memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(PURGE, stdout=subprocess.DEVNULL, env=children.environment())
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("The purge failed.")
    return time.monotonic() - started, usage.ru_maxrss // 1024


if __name__ == "__main__":
    main()
