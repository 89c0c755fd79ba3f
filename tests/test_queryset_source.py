import json
import tracemalloc
import uuid
from collections import deque
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from akeneo_jobs.io import read_queryset
from example_project.catalog.models import Category, Family, Product, Project
from tests.models import Gadget, Letter, Maker, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def products():
    family = Family.objects.create(code="f", name="F")
    rows = [Product(sku=f"{n:02d}", name=str(n), price=n, family=family) for n in range(10)]
    return Product.objects.bulk_create(rows)


def skus(items):
    return [item.sku for item in items]


def test_all_rows_come_in_the_order_of_the_key(products):
    source = read_queryset(Product.objects.order_by("-price"), chunk_size=3)
    assert list(source) == products
    assert list(source) == products
    assert len(source) == 10


def test_a_queryset_that_was_turned_round_is_read_forwards(products):
    source = read_queryset(Product.objects.order_by("sku").reverse(), chunk_size=3)
    assert list(source) == products


def test_a_part_is_counted_once_and_read_in_chunks(products, django_assert_num_queries):
    source = read_queryset(Product.objects.filter(price__lt=7), chunk_size=3)
    with django_assert_num_queries(4):
        assert len(source) == len(list(source)) == len(source)


def test_no_query_skips_rows_by_their_number(products):
    with CaptureQueriesContext(connection) as queries:
        source = read_queryset(Product.objects.all(), chunk_size=3)
        [list(source.slice(value)) for value in source.slices(3)]
    assert not [each for each in queries if "OFFSET" in each["sql"]]


def test_memory_does_not_grow_with_the_rows():
    peaks = []
    for count in (1_000, 20_000):
        Maker.objects.bulk_create(Maker(name=number) for number in range(count))
        tracemalloc.start()
        deque(read_queryset(Maker.objects.all(), chunk_size=500), maxlen=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_related_rows_come_with_each_chunk(products, django_assert_num_queries):
    products[0].categories.add(Category.objects.create(code="c", name="C"))
    rows = Product.objects.select_related("family").prefetch_related("categories")
    with django_assert_num_queries(2):
        items = [item for item in read_queryset(rows)]  # noqa: C416 list() counts, too.
        assert items[0].family.name == "F"
        assert [len(item.categories.all()) for item in items] == [1] + [0] * 9


@pytest.mark.parametrize("key", ["pk", "sku"])
def test_reading_goes_on_behind_a_mark(products, key):
    source = read_queryset(Product.objects.all(), key=key, chunk_size=4)
    assert source.mark is None
    items = iter(source)
    assert skus(next(items) for _ in range(6)) == [f"{n:02d}" for n in range(6)]
    mark = json.loads(json.dumps(source.mark))
    again = read_queryset(Product.objects.all(), key=key, chunk_size=4)
    assert skus(again.after(mark)) == ["06", "07", "08", "09"]
    assert skus(again.after(None)) == skus(products)


def test_rows_that_come_and_go_meanwhile_neither_repeat_nor_hide_others(products):
    seen = []
    for item in read_queryset(Product.objects.all(), key="sku", chunk_size=2):
        seen.append(item.sku)
        if item.sku == "03":
            Product.objects.filter(sku__in=["00", "01", "05"]).delete()
            Product.objects.create(sku="021", name="behind")
            Product.objects.create(sku="081", name="ahead")
    assert seen == ["00", "01", "02", "03", "04", "06", "07", "08", "081", "09"]


def test_a_key_that_is_changed_while_the_row_is_in_hand_moves_nothing(products):
    source = read_queryset(Product.objects.all(), key="sku", chunk_size=3)
    seen = []
    for item in source:
        seen.append(item.sku)
        item.sku = "zz"
    assert seen == skus(products)
    assert source.mark == "09"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 10, 25])
def test_slices_hold_all_rows_once_in_about_equal_parts(products, count):
    source = read_queryset(Product.objects.filter(price__lt=9), key="sku", chunk_size=2)
    values = json.loads(json.dumps(source.slices(count)))
    parts = [list(source.slice(value)) for value in values]
    assert skus(item for part in parts for item in part) == [f"{n:02d}" for n in range(9)]
    assert [len(source.slice(value)) for value in values] == [len(part) for part in parts]
    sizes = {len(part) for part in parts}
    assert len(values) == min(count, 9)
    assert max(sizes) - min(sizes) <= 1


def test_slices_are_found_in_a_number_of_queries_that_does_not_grow(
    products, django_assert_num_queries
):
    with django_assert_num_queries(2):
        read_queryset(Product.objects.all()).slices(7)


def test_a_slice_has_a_mark_and_slices_of_its_own(products):
    source = read_queryset(Product.objects.all(), chunk_size=2)
    part = source.slice(source.slices(2)[1])
    items = iter(part)
    next(items)
    assert skus(part.after(part.mark)) == ["06", "07", "08", "09"]
    assert skus(part.after(None)) == skus(part) == ["05", "06", "07", "08", "09"]
    halves = [skus(part.slice(value)) for value in part.slices(2)]
    assert halves == [["05", "06"], ["07", "08", "09"]]


def test_a_row_behind_the_last_one_belongs_to_the_last_slice(products):
    source = read_queryset(Product.objects.all())
    values = source.slices(2)
    late = Product.objects.create(sku="late", name="Late")
    assert late in list(source.slice(values[-1]))


def test_an_empty_queryset_is_one_empty_slice():
    source = read_queryset(Product.objects.all())
    assert list(source) == []
    assert [list(source.slice(value)) for value in source.slices(3)] == [[]]


@pytest.mark.parametrize(
    ("choose", "first"),
    [
        (lambda rows: rows.values("name", "sku"), {"name": "0", "sku": "00"}),
        (lambda rows: rows.values_list("name", "sku"), ("0", "00")),
        (lambda rows: rows.values_list("name", Upper("name"), "sku"), ("0", "0", "00")),
        (lambda rows: rows.values_list("sku", flat=True), "00"),
        (lambda rows: rows.values_list("sku", "name", named=True), ("00", "0")),
        (lambda rows: rows.annotate(n=Count("categories")).values_list("sku", "n"), ("00", 0)),
    ],
)
def test_values_are_read_where_they_hold_the_key(products, choose, first):
    source = read_queryset(choose(Product.objects.all()), key="sku", chunk_size=3)
    items = list(source)
    assert items[0] == first
    assert len(items) == 10
    assert source.mark == "09"
    assert [len(source.slice(value)) for value in source.slices(2)] == [5, 5]


def test_all_values_hold_the_key(products):
    assert len(list(read_queryset(Product.objects.values_list(), key="sku", chunk_size=3))) == 10
    assert len(list(read_queryset(Product.objects.values("pk"), chunk_size=3))) == 10


def test_rows_that_a_join_repeats_come_once_with_distinct(products):
    for code in "ab":
        Category.objects.create(code=code, name="C").products.add(*products)
    rows = Product.objects.filter(categories__name="C").distinct()
    source = read_queryset(rows, chunk_size=3)
    assert skus(source) == skus(products)
    assert [len(source.slice(value)) for value in source.slices(2)] == [5, 5]


@pytest.mark.parametrize(
    ("model", "key", "keys"),
    [
        (Gadget, "token", [uuid.uuid4() for _ in range(7)]),
        (Ticket, "weight", [Decimal(n) / 4 for n in (-9, -1, 0, 1, 2, 30, 100)]),
        (Letter, "number", [-5, 0, 3, 9, 10, 100, 2000]),
    ],
)
def test_keys_of_any_type_go_through_json(model, key, keys):
    base = {Gadget: {"stock": 1}}.get(model, {})
    for number, value in enumerate(keys):
        code = {"code": str(number)} if model is Gadget else {}
        model.objects.create(**{key: value}, **base, **code)
    source = read_queryset(model.objects.all(), key=key, chunk_size=2)
    items = iter(source)
    seen = [getattr(next(items), key) for _ in range(3)]
    seen += [getattr(item, key) for item in source.after(json.loads(json.dumps(source.mark)))]
    assert sorted(seen) == sorted(keys)
    values = json.loads(json.dumps(source.slices(3)))
    assert sum(len(list(source.slice(value))) for value in values) == 7


@pytest.mark.parametrize("key", ["name", "nothing", "family", "family__code", "categories"])
def test_a_key_that_is_not_unique_is_refused(key):
    with pytest.raises(TypeError):
        read_queryset(Product.objects.all(), key=key)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Product.objects,
        lambda: Product.objects.all()[:5],
        lambda: Product.objects.all().union(Product.objects.all()),
        lambda: Project.objects.distinct("label"),
        lambda: Product.objects.values("name"),
        lambda: Product.objects.values_list("name", flat=True),
    ],
)
def test_a_queryset_that_cannot_be_read_so_is_refused(make):
    with pytest.raises(TypeError):
        read_queryset(make())


def test_a_chunk_without_items_is_refused():
    with pytest.raises(ValueError, match="chunk_size"):
        read_queryset(Product.objects.all(), chunk_size=0)
