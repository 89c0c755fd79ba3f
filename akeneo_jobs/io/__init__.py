"""Read and write: files row by row (CSV, XLSX, JSON lines), models by their keys."""

from akeneo_jobs.io.csv_files import read_csv
from akeneo_jobs.io.json_lines import read_json_lines
from akeneo_jobs.io.querysets import read_queryset
from akeneo_jobs.io.rejects import open_rejects
from akeneo_jobs.io.rows import Row, Rows
from akeneo_jobs.io.tables import require_columns
from akeneo_jobs.io.upserts import upsert
from akeneo_jobs.io.writers import CsvWriter, JsonLinesWriter, Writer, XlsxWriter
from akeneo_jobs.io.xlsx_files import read_xlsx

__all__ = [
    "CsvWriter",
    "JsonLinesWriter",
    "Row",
    "Rows",
    "Writer",
    "XlsxWriter",
    "open_rejects",
    "read_csv",
    "read_json_lines",
    "read_queryset",
    "read_xlsx",
    "require_columns",
    "upsert",
]
