"""Read and write tables: CSV and XLSX, row by row."""

from akeneo_jobs.io.readers import Row, Rows, read_csv, read_xlsx, require_columns
from akeneo_jobs.io.writers import CsvWriter, XlsxWriter

__all__ = ["CsvWriter", "Row", "Rows", "XlsxWriter", "read_csv", "read_xlsx", "require_columns"]
