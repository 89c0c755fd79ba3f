"""Run every fault so often as asked, and print one table."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

from example_project.services import LOOPBACK, free_port


def main():
    arguments = _parse()
    with tempfile.TemporaryDirectory(prefix="akeneo-jobs-chaos-") as directory:
        _set_up(directory)
        from chaos.drill import drill

        return drill(arguments, Path(directory))


def _parse():
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", default="1", help="another seed gives other moments")
    parser.add_argument("--short", action="store_true", help="a few runs of each fault")
    parser.add_argument("--runs", type=int, help="so many runs of each fault")
    parser.add_argument("--only", nargs="*", default=[], help="codes of faults")
    parser.add_argument("--first", type=int, default=1, help="number of the first run")
    parser.add_argument("--write", action="store_true", help="write the table into the docs")
    arguments = parser.parse_args()
    if arguments.write and (arguments.short or arguments.runs or arguments.only):
        parser.error("Only a whole drill is written into the docs.")
    return arguments


def _set_up(directory):
    if "PG_CTL" not in os.environ:
        sys.exit("Run it with .ci/postgres: it restarts the server that this starts.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "chaos.settings"
    os.environ["MEDIA_ROOT"] = str(Path(directory) / "files")
    os.environ["CHAOS_PHASES"] = str(Path(directory) / "phases")
    os.environ["REDIS_URL"] = f"redis://{LOOPBACK}:{free_port()}/0"
    django.setup()


sys.exit(main())
