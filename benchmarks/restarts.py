"""What a restart after a kill costs beside a fresh run."""

from akeneo_jobs import outcomes
from akeneo_jobs.testing import registered
from benchmarks import children, products
from benchmarks.executions import Launch
from benchmarks.job_types import CsvImport
from benchmarks.measure import Ratio, Way, alternate


def compare(size):
    products.fill(size.rows)
    path = products.write_csv(size.directory / "products.csv", size.rows)
    killed = Launch(CsvImport, path)

    def prepare():
        """Have a process killed at nine tenths of the rows."""
        products.reset()
        killed.record()
        children.run(killed.execution, dies_at=size.rows * 9 // 10)
        killed.execution.refresh_from_db()
        outcomes.lose(killed.execution, "killed", lambda: "Killed by the benchmark.")

    with registered(CsvImport):
        ours, fresh = alternate(
            Way("the restart", killed.run, products.stored, prepare),
            Launch(CsvImport, path).way("the fresh run", products.reset, products.stored),
            rounds=size.rounds,
        )
    work = f"restart of an import of {size.rows:,} rows, killed at 90 %"
    yield Ratio(work, "a fresh run", ours, fresh, at_most=0.15)
