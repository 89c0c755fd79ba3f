"""Run one execution and print the peak of its memory; only to be started by `children`.

`python -m benchmarks.child PRIMARY_KEY POSITION` dies at the row of this position, at 0 at none.
"""

import os
import sys

import django


def main(pk, dies_at):
    # A new process inherits the peak of the one that started it, a forked one does not.
    if child := os.fork():
        _pid, status, usage = os.wait4(child, 0)
        print(usage.ru_maxrss)
        return status
    django.setup()

    from akeneo_jobs import runner
    from akeneo_jobs.testing import registered
    from benchmarks.job_types import CsvImport, DyingCsvImport, DyingImport

    DyingImport.dies_at = dies_at
    with registered(DyingCsvImport if dies_at else CsvImport):
        runner.run(pk)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) != 0)
