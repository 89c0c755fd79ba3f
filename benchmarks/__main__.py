"""Run comparisons on the database of DATABASE_URL and print one table; write it, if asked to."""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django
from django.db import connection

import proofs
from benchmarks.measure import HEAD, ROUNDS, ROWS, Size
from example_project.services import LOOPBACK, free_port
from proofs import machine

NOUNS = (
    "tracking",
    "imports",
    "exports",
    "memory",
    "partitions",
    "restarts",
    "rejects",
)


def main():
    arguments = _parse()
    nouns = arguments.nouns or NOUNS
    measurements = {noun: proofs.begin(noun) for noun in nouns} if arguments.write else {}
    with tempfile.TemporaryDirectory(prefix="akeneo-jobs-benchmarks-") as directory:
        _set_up(directory)
        size = Size(Path(directory), arguments.rows or ROWS, arguments.rounds)
        print(HEAD)
        are_met = [_measure(noun, size, measurements.get(noun)) for noun in nouns]
    return 0 if arguments.rows or all(are_met) else 1


def _parse():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "nouns", nargs="*", choices=[[], *NOUNS], metavar="NOUN", help=", ".join(NOUNS)
    )
    parser.add_argument("--rows", type=int, help="so many rows; no bound has to be met")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    return parser.parse_args()


def _set_up(directory):
    os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    os.environ["DEBUG"] = "0"  # It would keep the text of the last 9,000 queries.
    os.environ["MEDIA_ROOT"] = str(Path(directory) / "files")
    os.environ["REDIS_URL"] = f"redis://{LOOPBACK}:{free_port()}/0"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _measure(noun, size, measurement):
    """Print what a noun compares, and write it if it is to be; tell whether all bounds are met."""
    ratios = []
    for ratio in import_module(f"benchmarks.{noun}").compare(size):
        print(ratio, flush=True)
        ratios.append(ratio)
    if measurement:
        table = "\n".join([HEAD, *map(str, ratios)])
        measurement.write(table, size.details, machine.describe(connection))
    return all(ratio.is_met for ratio in ratios)


if __name__ == "__main__":
    sys.exit(main())
