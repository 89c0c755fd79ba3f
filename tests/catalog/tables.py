"""Files for the tests of the catalog, and what came of them."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.io import CsvWriter, XlsxWriter
from akeneo_jobs.models import StepWarning
from akeneo_jobs.testing import run

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WRITERS = {"csv": CsvWriter, "xlsx": XlsxWriter}


def real_file(name):
    """Return the content of a real file, or skip where this machine does not have it."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the checkout.")
    return path.read_bytes()


def table(kind, columns, *rows, **options):
    """Write rows of cells as a CSV or XLSX file."""
    stream = io.BytesIO()
    with WRITERS[kind](stream, columns, **options) as writer:
        for row in rows:
            writer.write(dict(zip(columns, row, strict=True)))
    return stream.getvalue()


def run_on(job_type, content, **parameters):
    """Run an import on the content of a file."""
    file = ContentFile(content, name="file")
    return run(job_type, parameters={"file": file, **parameters})


def counts(execution):
    """Return what became of the items, as far as they were read."""
    counted = dict(execution.steps.get().counts)
    counted.pop("read", None)
    return counted


def warnings(execution):
    return list(StepWarning.objects.filter(step__execution=execution).order_by("position"))


def failure(execution):
    return execution.failures[0]["reason"]


def output(execution):
    return execution.files.get(role="output").file.read()
