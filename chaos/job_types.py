"""The operations that are disturbed."""

from decimal import Decimal, InvalidOperation

from django import forms

from akeneo_jobs import ItemRefused, ItemStep, JobType, Kind, register
from akeneo_jobs.io import read_csv
from chaos.models import ImportedRow

CHUNK = 100
PARTS = 8


class FileForm(forms.Form):
    file = forms.FileField()


class ImportRows(ItemStep):
    name = "import"
    chunk_size = CHUNK

    def read(self, context):
        return read_csv(context.parameters["file"], required=["number", "price"])

    def process(self, row, context):
        reason = fault_of(row)
        if reason:
            raise ItemRefused(reason)
        return ImportedRow(
            execution=context.execution.uuid, number=row["number"], price=row["price"]
        )

    def write(self, rows, context):
        ImportedRow.objects.bulk_create(rows)
        context.count("created", len(rows))


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


class ImportRowsInParts(ImportRows):
    def split(self, context):
        return super().read(context).slices(PARTS)

    def read(self, context):
        return super().read(context).slice(context.slice)


@register
class RowImportInParts(RowImport):
    code = "chaos_parts"
    label = "Row import in parts"
    steps = [ImportRowsInParts]


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
