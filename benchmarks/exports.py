"""What an export costs beside a script that streams the same file."""

from akeneo_jobs.models import JobFile
from akeneo_jobs.testing import registered
from benchmarks import products, scripts
from benchmarks.executions import Launch
from benchmarks.job_types import CsvExport
from benchmarks.measure import Ratio, Way, alternate


def compare(size):
    products.fill(size.rows, share=1)
    products.reset()
    path = size.directory / "exported.csv"
    with registered(CsvExport):
        launch = Launch(CsvExport)

        def exported():
            with launch.execution.files.get(role=JobFile.Role.OUTPUT).file.open("rb") as file:
                yield from file

        ours, script = alternate(
            Way("The job type", launch.run, exported, launch.record),
            Way("the script", lambda: scripts.export_csv(path), lambda: path.open("rb")),
            rounds=size.rounds,
        )
    work = f"export of {size.rows:,} products to CSV"
    yield Ratio(work, "a script: iterator, csv.writer", ours, script, at_most=1.2)
