"""Run comparisons on the database of DATABASE_URL and print one table."""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django

from benchmarks.measure import HEADER, ROUNDS, ROWS, Size
from example_project.services import LOOPBACK, free_port

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
    with tempfile.TemporaryDirectory(prefix="akeneo-jobs-benchmarks-") as directory:
        _set_up(directory)
        size = Size(Path(directory), arguments.rows or ROWS, arguments.rounds)
        print(f"{HEADER}\n|{'---|' * (HEADER.count('|') - 1)}")
        are_met = [
            _tell(ratio) for noun in arguments.nouns or NOUNS for ratio in _compare(noun, size)
        ]
    return 0 if arguments.rows or all(are_met) else 1


def _parse():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "nouns", nargs="*", choices=[[], *NOUNS], metavar="NOUN", help=", ".join(NOUNS)
    )
    parser.add_argument("--rows", type=int, help="so many rows; no bound has to be met")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


def _set_up(directory):
    os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    os.environ["DEBUG"] = "0"  # It would keep the text of the last 9,000 queries.
    os.environ["MEDIA_ROOT"] = str(Path(directory) / "files")
    os.environ["REDIS_URL"] = f"redis://{LOOPBACK}:{free_port()}/0"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _compare(noun, size):
    return import_module(f"benchmarks.{noun}").compare(size)


def _tell(ratio):
    print(ratio, flush=True)
    return ratio.is_met


if __name__ == "__main__":
    sys.exit(main())
