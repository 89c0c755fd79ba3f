"""The job types that are measured, as the documentation would show them."""

import hashlib
import os
import signal
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from django import forms
from django.core.exceptions import ValidationError

from akeneo_jobs import ItemStep, JobType, Kind, Step
from akeneo_jobs.io import CsvWriter, read_csv, read_xlsx, upsert
from benchmarks.products import COLUMNS
from example_project.catalog.models import Family, Product

PARTS = 4
ITERATIONS = 5_000  # for an item


class FileForm(forms.Form):
    file = forms.FileField()


class CountForm(forms.Form):
    count = forms.IntegerField()


class ImportProducts(ItemStep):
    name = "import"
    open_table = staticmethod(read_csv)

    def read(self, context):
        self.families = dict(Family.objects.values_list("code", "pk"))
        return self.open_table(context.parameters["file"])

    def process(self, row, context):
        return {
            "sku": row["sku"],
            "name": row["name"],
            "family_id": self.families[row["family"]],
            "price": price_of(row["price"]),
            "enabled": row["enabled"] == "1",
            "values": {"color": row["color"], "size": row["size"]},
        }

    def write(self, items, context):
        upsert(Product, items, key="sku", context=context)


class ImportXlsxProducts(ImportProducts):
    open_table = staticmethod(read_xlsx)


class DyingImport(ImportProducts):
    """Ends its process as a kill from outside would: at once, with nothing said."""

    dies_at = None  # position of the row

    def process(self, row, context):
        if row.position == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().process(row, context)


class ExportProducts(Step):
    name = "export"

    def run(self, context):
        names = ("sku", "name", "family__code", "price", "enabled", "values")
        products = Product.objects.order_by("sku").values_list(*names)
        rows = context.track(products.iterator(chunk_size=2000), total=products.count())
        with context.open_output("products.csv") as file, CsvWriter(file, COLUMNS) as writer:
            for product in rows:
                writer.write_cells(cells_of(product))


class CsvImport(JobType):
    code = "benchmark_csv_import"
    label = "Import of products from CSV"
    kind = Kind.IMPORT
    steps = [ImportProducts]
    parameters_form = FileForm
    is_restartable = True


class XlsxImport(CsvImport):
    code = "benchmark_xlsx_import"
    label = "Import of products from XLSX"
    steps = [ImportXlsxProducts]


class DyingCsvImport(CsvImport):
    steps = [DyingImport]


class CsvExport(JobType):
    code = "benchmark_csv_export"
    label = "Export of products to CSV"
    kind = Kind.EXPORT
    steps = [ExportProducts]


class Hash(ItemStep):
    """Does some milliseconds of arithmetic per item, in parts."""

    name = "hash"

    def split(self, context):
        count = context.parameters["count"]
        bounds = [count * number // PARTS for number in range(PARTS + 1)]
        return list(pairwise(bounds))

    def read(self, context):
        return range(*context.slice)

    def process(self, number, context):
        return hashlib.pbkdf2_hmac("sha256", number.to_bytes(8), b"salt", ITERATIONS)

    def write(self, items, context):
        context.count("first_bytes", sum(item[0] for item in items))


class Hashing(JobType):
    code = "benchmark_hashing"
    label = "Hashing"
    kind = Kind.RULE
    steps = [Hash]
    parameters_form = CountForm


def price_of(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValidationError({"price": f"The price “{text}” is no number."}) from None


def cells_of(product):
    """Return an exported row, as the import reads it."""
    *cells, enabled, values = product
    return [*cells, int(enabled), values["color"], values["size"]]
