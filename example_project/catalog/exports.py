"""Export products: one row each, one column for each attribute that any of them has."""

from .mapping import column_of
from .models import Product

COLUMNS = ("sku", "name", "family", "categories", "price", "enabled")
CHUNK = 500  # Products held in memory.


def chosen_products(parameters):
    """Return the products that the person chose."""
    products = Product.objects.order_by("sku")
    if parameters["family"]:
        products = products.filter(family=parameters["family"])
    if parameters["category"]:
        products = products.filter(categories=parameters["category"])
    return products.filter(enabled=True) if parameters["enabled_only"] else products


def columns_of(products):
    """List the columns that these products need."""
    attributes = set()
    for values in products.values_list("values", flat=True).iterator(chunk_size=CHUNK):
        attributes.update(values)
    return [*COLUMNS, *map(column_of, sorted(attributes))]


def export_products(context, products, writer):
    """Write one row for each product."""
    rows = products.select_related("family").prefetch_related("categories")
    for product in context.track(rows.iterator(chunk_size=CHUNK), total=products.count()):
        writer.write(row_of(product))
        context.count("written")


def row_of(product):
    """Write a product as the import reads it."""
    return {
        "sku": product.sku,
        "name": product.name,
        "family": product.family.code if product.family else "",
        "categories": ",".join(category.code for category in product.categories.all()),
        "price": product.price,
        "enabled": product.enabled,
        **{column_of(name): text for name, text in product.values.items()},
    }
