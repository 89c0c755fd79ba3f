"""The products that the comparisons read and write: the same in every run."""

import csv
from decimal import Decimal

from django.core.management.color import no_style
from django.db import connection, transaction
from openpyxl import Workbook

from example_project.catalog.models import Category, Family, Product

COLUMNS = ("sku", "name", "family", "price", "enabled", "color", "size")
FAMILIES = 300
NOUNS = ("Shirt", "Hose", "Mütze", "Sofa, drei Sitze", "27” screen", 'The "Original" chair', "Öl")
COLORS = ("red", "grün", "bleu pâle", "black, matt", "weiß")
SIZES = ("S", "M", "L", "XL", '12"')
TABLE = Product._meta.db_table
COPY = "benchmark_products"  # What stands in the table before each round.
FETCHED = 2_000  # Rows held in memory.


def product(number):
    """Return the cells of a product as text; its numbers begin at 1."""
    noun, color = NOUNS[number % len(NOUNS)], COLORS[number % len(COLORS)]
    return (
        f"SKU-{number:08d}",
        f"{noun} No. {number}, {color}",
        _family(number * 7),
        f"{number % 997}.{number % 100:02d}",
        "01"[number % 3 > 0],
        color,
        SIZES[number % len(SIZES)],
    )


def is_bad(number):
    """Half of the products have a bad price in a bad file, whether they exist or not."""
    return number % 4 in (1, 2)


def bad_product(number):
    """Return the cells of a product whose price is none."""
    sku, name, family, price, *others = product(number)
    return (sku, name, family, f"about {price}", *others)


def write_csv(path, count, bad=False):
    """Write a file of so many products; return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(1, count + 1):
            writer.writerow(bad_product(number) if bad and is_bad(number) else product(number))
    return path


def write_xlsx(path, count):
    """Write the same as a workbook, its prices and flags as numbers; return its path."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(COLUMNS)
    for number in range(1, count + 1):
        sku, name, family, price, enabled, *values = product(number)
        sheet.append([sku, name, family, float(price), int(enabled), *values])
    book.save(path)
    return path


def fill(count, share=2):
    """Make every `share`-th of so many products exist already, with other values."""
    Product.objects.all().delete()
    Category.objects.all().delete()
    Family.objects.all().delete()
    Family.objects.bulk_create(
        Family(code=_family(number), name=f"Family {number}") for number in range(FAMILIES)
    )
    families = dict(Family.objects.values_list("code", "pk"))
    old = (_old(product(number), families) for number in range(share, count + 1, share))
    with transaction.atomic():
        Product.objects.bulk_create(old, batch_size=FETCHED)
    _execute(f"DROP TABLE IF EXISTS {COPY}", f"CREATE TABLE {COPY} AS SELECT * FROM {TABLE}")


def reset():
    """Bring the table of products back to what `fill` made, as clean as autovacuum leaves it."""
    is_postgres = connection.vendor == "postgresql"
    empty = f"TRUNCATE {TABLE} CASCADE" if is_postgres else f"DELETE FROM {TABLE}"
    with transaction.atomic():
        _execute(empty, f"INSERT INTO {TABLE} SELECT * FROM {COPY}")
        _execute(*connection.ops.sequence_reset_sql(no_style(), [Product]))
    if is_postgres:
        _execute(f"VACUUM ANALYZE {TABLE}")


def stored(count=None):
    """Yield the products that the table holds by their SKUs, or the first ones of them."""
    products = Product.objects.order_by("sku")
    if count is not None:
        products = products.filter(sku__lte=product(count)[0])
    names = ("sku", "name", "family__code", "price", "enabled", "values")
    return products.values_list(*names).iterator(chunk_size=FETCHED)


def stored_good():
    """Yield the stored products that are good in a bad file, too."""
    return (row for row in stored() if not is_bad(int(row[0].removeprefix("SKU-"))))


def imported(count):
    """Yield what is stored once a file of so many products is imported."""
    for number in range(1, count + 1):
        *texts, price, enabled, color, size = product(number)
        yield (*texts, Decimal(price), enabled == "1", {"color": color, "size": size})


def _old(cells, families):
    sku, name, family, *_others = cells
    values = {"color": "unknown", "size": "unknown"}
    return Product(
        sku=sku,
        name=f"Old {name}",
        family_id=families[family],
        price=1,
        enabled=True,
        values=values,
    )


def _family(number):
    return f"family-{number % FAMILIES:03d}"


def _execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
