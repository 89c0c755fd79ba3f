"""What an import costs beside other ways to import the same file."""

from akeneo_jobs.io import read_xlsx
from akeneo_jobs.testing import registered
from benchmarks import products, resources, scripts
from benchmarks.executions import Launch
from benchmarks.job_types import CsvImport, XlsxImport
from benchmarks.measure import Ratio, Way, alternate


def compare(size):
    products.fill(size.rows)
    yield from csv_import(size)
    path = products.write_xlsx(size.directory / "products.xlsx", size.rows)
    yield xlsx_reading(size, path)
    yield xlsx_import(size, path)


def csv_import(size):
    """Import a CSV file, half of it updates."""
    path = products.write_csv(size.directory / "products.csv", size.rows)
    with registered(CsvImport):
        ours, script, library = alternate(
            Launch(CsvImport, path).way("The job type", products.reset, products.stored),
            _way("the script", scripts.import_csv, path),
            _way("django-import-export", resources.import_csv, path),
            rounds=size.rounds,
        )
    work = f"import of {size.rows:,} products from CSV"
    yield Ratio(work, "django-import-export, bulk mode", ours, library, at_least=5)
    yield Ratio(work, "a script: csv, bulk_create", ours, script, at_most=1.3)


def xlsx_reading(size, path):
    """Read the rows of the same as a workbook, and do nothing with them."""

    def rows():
        with path.open("rb") as file:
            yield from (list(row.values()) for row in read_xlsx(file))

    ours, theirs = alternate(
        Way("read_xlsx", lambda: _exhaust(rows()), rows),
        Way("openpyxl", lambda: _exhaust(scripts.rows_of(path)), lambda: scripts.rows_of(path)),
        rounds=size.rounds,
    )
    work = f"{size.rows:,} rows read from XLSX"
    return Ratio(work, "openpyxl, read-only", ours, theirs, at_least=3)


def xlsx_import(size, path):
    """Import the workbook."""
    with registered(XlsxImport):
        ours, script = alternate(
            Launch(XlsxImport, path).way("The job type", products.reset, products.stored),
            _way("the script", scripts.import_xlsx, path),
            rounds=size.rounds,
        )
    work = f"import of {size.rows:,} products from XLSX"
    return Ratio(work, "a script: openpyxl, bulk_create", ours, script, at_least=3)


def _way(name, import_file, path):
    return Way(name, lambda: import_file(path), products.stored, products.reset)


def _exhaust(rows):
    for _row in rows:
        pass
