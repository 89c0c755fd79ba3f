"""What it costs to refuse half of the rows and to hand them back."""

import csv
import io

from akeneo_jobs.models import JobFile
from akeneo_jobs.testing import registered
from benchmarks import products
from benchmarks.executions import Launch
from benchmarks.job_types import CsvImport
from benchmarks.measure import Ratio, alternate, require_equal


def compare(size):
    products.fill(size.rows)
    bad = products.write_csv(size.directory / "bad.csv", size.rows, bad=True)
    good = products.write_csv(size.directory / "products.csv", size.rows)
    numbers = list(filter(products.is_bad, range(1, size.rows + 1)))
    rejecting = Launch(CsvImport, bad)

    def accepted():
        execution, count = rejecting.execution, len(numbers)
        require_equal("the file", [count], "the report", [execution.warning_count])
        rejects = ([str(number), *products.bad_product(number)] for number in numbers)
        require_equal("the file", rejects, "the rejects", _handed_back(execution))
        return products.stored_good()

    with registered(CsvImport):
        ours, none = alternate(
            rejecting.way("the bad file", products.reset, accepted),
            Launch(CsvImport, good).way("the good file", products.reset, products.stored_good),
            rounds=size.rounds,
        )
    work = f"{len(numbers):,} rejected rows of {size.rows:,}"
    yield Ratio(work, "none rejected", ours, none, at_most=1.5)


def _handed_back(execution):
    """Yield the number and the original cells of each line of the rejects."""
    with execution.files.get(role=JobFile.Role.REJECTS).file.open("rb") as file:
        lines = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
        next(lines)
        for number, _reasons, *cells in lines:
            yield [number, *cells]
