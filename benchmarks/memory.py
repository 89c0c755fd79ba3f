"""What memory an import of many rows needs beside one of a few."""

from akeneo_jobs.testing import registered
from benchmarks import children, products
from benchmarks.executions import Launch, completed
from benchmarks.job_types import CsvImport
from benchmarks.measure import Ratio, Way, alternate, require_equal


def compare(size):
    many, few = size.rows * 5, size.rows // 20
    products.fill(many)
    with registered(CsvImport):
        ours, theirs = alternate(_way(size, many), _way(size, few), rounds=size.rounds)
    work = f"peak memory of an import of {many:,} rows"
    yield Ratio(work, f"{few:,} rows", ours, theirs, at_most=1.1, unit="MB")


def _way(size, count):
    launch = Launch(CsvImport, products.write_csv(size.directory / f"{count}.csv", count))

    def prepare():
        products.reset()
        launch.record()

    def peak():
        megabytes = children.run(launch.execution)
        completed(launch.execution)
        return megabytes

    def checked():
        require_equal("the file", products.imported(count), "the table", products.stored(count))
        return ()

    return Way(f"{count:,} rows", peak, checked, prepare)
