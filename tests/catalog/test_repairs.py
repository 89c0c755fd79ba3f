"""Rows that an import refused, handed back, corrected and imported alone."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile

from akeneo_jobs import actions, runner
from akeneo_jobs.io import read_csv, read_xlsx
from akeneo_jobs.models import JobExecution
from akeneo_jobs.rejects import count_left
from example_project.catalog.models import Category, Product

from .tables import counts, real_file, table, warnings

pytestmark = pytest.mark.django_db
READERS = {"csv": read_csv, "xlsx": read_xlsx}
PRODUCTS = [
    ["a", "A", "lamps", "1"],
    ["b", "B", "lamps", "much"],
    ["c", "", "lamps", "3"],
    ["d", "D", "kites", "4"],
    ["a", "Again", "lamps", "5"],
]


@pytest.fixture(params=["csv", "xlsx"])
def kind(request):
    return request.param


@pytest.fixture
def julia():
    return get_user_model().objects.create_user("julia")


def ran(execution):
    runner.run(execution.pk)
    return JobExecution.objects.get(pk=execution.pk)


def imported(job_type, content, user, **parameters):
    file = ContentFile(content, name=f"file.{job_type.split('_')[0]}")
    return ran(actions.record(job_type, user=user, parameters={"file": file, **parameters}))


def rejects(execution):
    return execution.files.get(role="rejects").file.read()


def repaired(execution, correct):
    """Correct the rows of the rejects file and import it; return the child."""
    kind = execution.job_type.split("_")[0]
    content = rejects(execution)
    delimiter = {"delimiter": execution.parameters["delimiter"]} if kind == "csv" else {}
    rows = list(READERS[kind](io.BytesIO(content), **delimiter))
    columns = ["#row", *rows[0]]
    cells = [[row.origin, *({**row, **correct(row)}).values()] for row in rows]
    file = ContentFile(table(kind, columns, *cells, **delimiter), name=f"corrected.{kind}")
    return ran(actions.repair(execution, execution.user, file))


def test_refused_products_are_corrected_and_leave_the_rejects(kind, julia):
    content = table(kind, ["sku", "name", "family", "price"], *PRODUCTS)
    execution = imported(f"{kind}_product_import", content, julia)
    reader = READERS[kind](io.BytesIO(rejects(execution)))
    assert [(row.origin, row["sku"]) for row in reader] == [(2, "b"), (3, "c"), (5, "a")]
    child = repaired(execution, lambda row: {"price": "2"})
    assert counts(child) == {"created": 1, "updated": 1, "skipped": 1}
    assert (count_left(execution), count_left(child)) == (1, 1)
    last = repaired(child, lambda row: {"name": "C"})
    assert counts(last) == {"created": 1}
    assert (count_left(execution), count_left(child)) == (0, 0)
    assert Product.objects.count() == 4


def test_what_a_repair_refuses_while_writing_stays_among_the_rejects(julia):
    content = table("csv", ["sku", "name", "family"], ["a", "A", "x"], ["b", "B", "y"])
    options = {"create_missing": False}
    execution = imported("csv_product_import", content, julia, **options)
    child = repaired(execution, lambda row: {"family": ""} if row["sku"] == "a" else {})
    assert counts(child) == {"created": 1, "skipped": 1}
    assert (count_left(execution), count_left(child)) == (1, 1)
    assert b"There is no family" in rejects(execution)


def test_a_category_whose_parent_is_in_the_catalog_by_now_is_placed(kind, julia):
    rows = [["c", "b", "C"], ["b", "a", ""], ["a", "", "A"]]
    options = {"csv": {"delimiter": ";"}, "xlsx": {}}[kind]
    content = table(kind, ["code", "parent", "name"], *rows, **options)
    execution = imported(f"{kind}_category_import", content, julia)
    assert [warning.position for warning in warnings(execution)] == [1, 2]
    named = repaired(execution, lambda row: {"name": "B"} if row["code"] == "b" else {})
    assert (counts(named), count_left(execution)) == ({"created": 2}, 0)
    assert Category.objects.get(code="c").parent.parent.code == "a"


def test_the_real_tree_is_repaired_by_names(julia):
    content = real_file("categories_bestbuy.csv")
    execution = imported("csv_category_import", content, julia)
    assert counts(execution) == {"created": 4207, "skipped": 377}
    child = repaired(execution, lambda row: {"label-en_US": row["label-en_US"] or row["code"]})
    left = child.steps.get().counts.get("skipped", 0)
    assert count_left(execution) == count_left(child) == left < 377
