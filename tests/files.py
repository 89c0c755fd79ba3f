"""Small files for the tests of readers and writers."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io import read_csv, read_json_lines


def csv_rows(content, **options):
    return read_csv(ContentFile(as_bytes(content), name="jobs/products.csv"), **options)


def json_rows(content, **options):
    return read_json_lines(ContentFile(as_bytes(content), name="products.jsonl"), **options)


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return ContentFile(stream.getvalue(), name="table.xlsx")


def archive(**entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in entries.items():
            zipped.writestr(name, content)
    return stream.getvalue()


def refusal(read, *args, **options):
    """Return the sentence with which a file is refused, when it is opened or read."""
    with pytest.raises(JobFailed) as refused:
        len(read(*args, **options))
    return str(refused.value)


class OneWay(io.BytesIO):
    """A stream that can be read only once, as remote storages give."""

    def seekable(self):
        return False


def as_bytes(content):
    return content.encode() if isinstance(content, str) else content
