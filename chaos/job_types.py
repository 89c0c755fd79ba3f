"""The operations that are disturbed."""

import os
import signal
import time
from decimal import Decimal, InvalidOperation

from django import forms

from akeneo_jobs import ItemRefused, ItemStep, JobType, Kind, Step, register
from akeneo_jobs.io import read_csv
from chaos import phases
from chaos.models import ImportedRow

CHUNK = 100
PARTS = 8
WORK = 0.001  # seconds of each quarter of reading, processing and writing a chunk
TIME_LIMIT = 1  # seconds, less than an import takes


class FileForm(forms.Form):
    file = forms.FileField()


class SlowRows:
    """A source whose every phase takes its time, and that tells which one it is in."""

    def __init__(self, rows):
        self.rows = rows
        self.rejects_format = rows.rejects_format

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return self._slowly(iter(self.rows))

    def after(self, mark):
        return self._slowly(self.rows.after(mark))

    @property
    def mark(self):
        return self.rows.mark

    def _slowly(self, rows):
        phases.be_in("reading")
        for row in rows:
            _work(row)
            phases.be_in("processing")
            yield row
            phases.be_in("reading")


class ImportRows(ItemStep):
    name = "import"
    chunk_size = CHUNK

    def read(self, context):
        return SlowRows(self.rows(context))

    def rows(self, context):
        return read_csv(context.parameters["file"], required=["number", "price"])

    def process(self, row, context):
        _work(row)
        reason = fault_of(row)
        if reason:
            raise ItemRefused(reason)
        return ImportedRow(
            execution=context.execution.uuid, number=row["number"], price=row["price"]
        )

    def write(self, rows, context):
        phases.be_in("writing")
        time.sleep(4 * WORK)
        ImportedRow.objects.bulk_create(rows)
        context.count("created", len(rows))
        phases.be_in("committing")  # It takes its time: chaos.commits.


def _work(row):
    if row.position % (CHUNK // 4) == 0:
        time.sleep(WORK)


def fault_of(row):
    """Return what is wrong with a row, None for a sound one."""
    if not row["number"]:
        return "The number is missing."
    try:
        Decimal(row["price"])
    except InvalidOperation:
        return f"“{row['price']}” is no price."
    return None


@register
class RowImport(JobType):
    code = "chaos_import"
    label = "Row import"
    kind = Kind.IMPORT
    parameters_form = FileForm
    steps = [ImportRows]
    is_restartable = True


@register
class LimitedRowImport(RowImport):
    code = "chaos_limited"
    label = "Row import against time"
    timeout = TIME_LIMIT


class ImportRowsInParts(ImportRows):
    def split(self, context):
        return self.rows(context).slices(PARTS)

    def read(self, context):
        return SlowRows(self.rows(context).slice(context.slice))


@register
class RowImportInParts(RowImport):
    code = "chaos_parts"
    label = "Row import in parts"
    steps = [ImportRowsInParts]


class DieAtOnce(Step):
    """Dies in its first moment, at the first attempt."""

    name = "die"

    def run(self, context):
        if context.execution.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)


@register
class RowImportAndDeath(RowImport):
    code = "chaos_first_moment"
    label = "Row import and death"
    steps = [ImportRows, DieAtOnce]


@register
class RowImportAndEnd(RowImportAndDeath):
    code = "chaos_last_moment"
    label = "Row import and end"
    is_restartable = False


class NumberForm(forms.Form):
    number = forms.IntegerField()


@register
class OneRow(JobType):
    """Writes one row, so that every run of it shows."""

    code = "chaos_row"
    label = "One row"
    kind = Kind.RULE
    parameters_form = NumberForm

    def run(self, context):
        number = context.parameters["number"]
        ImportedRow.objects.create(execution=context.execution.uuid, number=number, price=0)
        context.count("created")


@register
class FileExport(JobType):
    """Writes two files: a small one, then a large one."""

    code = "chaos_export"
    label = "File export"
    kind = Kind.EXPORT
    parameters_form = NumberForm

    def run(self, context):
        for name, size in (("small.txt", 10), ("large.txt", context.parameters["number"])):
            with context.open_output(name) as output:
                for _block in context.track(range(size)):
                    output.write(b"x" * 1023 + b"\n")
