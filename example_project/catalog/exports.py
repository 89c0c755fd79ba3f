"""Export products: one row each, one column for each attribute that any of them has."""

from collections import defaultdict

from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep
from akeneo_jobs.io import CsvWriter, XlsxWriter, read_queryset

from .mapping import column_of
from .models import Product
from .placements import Placement
from .sources import slices_of

COLUMNS = ("sku", "name", "family", "categories", "price", "enabled")
FIELDS = ("pk", "sku", "name", "family__code", "price", "enabled", "values")
SKU = FIELDS.index("sku")
CHUNK = 2000  # Products held in memory.


class ExportProducts(ItemStep):
    """Writes a row for each product that the person chose."""

    name = "export"
    label = gettext_lazy("Export")
    chunk_size = CHUNK
    file_name = ""

    def open_writer(self, file, columns, context):
        """Return what writes the rows to a file."""
        raise NotImplementedError

    def run(self, context):
        self.bounds, attributes = context.slice or (None, attributes_of(context.parameters))
        self.columns = {attribute: column_of(attribute) for attribute in attributes}
        columns = [*COLUMNS, *self.columns.values()]
        with (
            context.open_output(self.file_name) as file,
            self.open_writer(file, columns, context) as self.writer,
        ):
            super().run(context)

    def read(self, context):
        return source_of(context.parameters).slice(self.bounds)

    def write(self, products, context):
        first, last = products[0][SKU], products[-1][SKU]
        chosen = chosen_products(context.parameters).filter(sku__range=(first, last))
        self.writer.write_many(_rows(products, _categories_of(chosen), self.columns))
        context.count("written", len(products))


class ExportCsvProducts(ExportProducts):
    """Done in parts where there is much to do; their files are joined in order."""

    file_name = "products.csv"

    def split(self, context):
        slices = slices_of(source_of(context.parameters))
        # Once: all parts have the same columns.
        attributes = slices and attributes_of(context.parameters)
        return slices and [[bounds, attributes] for bounds in slices]

    def open_writer(self, file, columns, context):
        is_first = context.part in (0, 1)
        return CsvWriter(file, columns, context.parameters["delimiter"], header=is_first)


class ExportXlsxProducts(ExportProducts):
    file_name = "products.xlsx"

    def open_writer(self, file, columns, context):
        return XlsxWriter(file, columns)


def source_of(parameters):
    """Return the rows of the products that the person chose, by SKU."""
    products = chosen_products(parameters).values_list(*FIELDS)
    return read_queryset(products, key="sku", chunk_size=CHUNK)


def chosen_products(parameters):
    products = Product.objects.all()
    if parameters["family"]:
        products = products.filter(family=parameters["family"])
    if parameters["category"]:
        products = products.filter(categories=parameters["category"])
    return products.filter(enabled=True) if parameters["enabled_only"] else products


def attributes_of(parameters):
    """List the attributes that the chosen products have."""
    attributes = set()
    products = chosen_products(parameters)
    for values in products.values_list("values", flat=True).iterator(chunk_size=CHUNK):
        attributes.update(values)
    return sorted(attributes)


def _rows(products, categories, columns):
    """Yield products as the import reads them; `columns` are the attributes' own."""
    for pk, sku, name, family, price, enabled, values in products:
        yield {
            "sku": sku,
            "name": name,
            "family": family,
            "categories": categories.get(pk),
            "price": price,
            "enabled": enabled,
            # One that was added since the columns were found has none.
            **{columns[name]: text for name, text in values.items() if name in columns},
        }


def _categories_of(products):
    """Return the codes of each product's categories, joined."""
    codes = defaultdict(list)
    rows = Placement.objects.filter(product__in=products.values("pk"))
    for product, code in rows.values_list("product_id", "category__code"):
        codes[product].append(code)
    return {product: ",".join(sorted(found)) for product, found in codes.items()}
