import io
from decimal import Decimal

import pytest

from akeneo_jobs.io import read_csv, read_xlsx
from akeneo_jobs.testing import run
from example_project.catalog.models import Category, Family, Product

from .tables import counts, output, real_file, run_on

pytestmark = pytest.mark.django_db
READERS = {"csv": read_csv, "xlsx": read_xlsx}


@pytest.fixture(params=["csv", "xlsx"])
def kind(request):
    return request.param


@pytest.fixture
def lamp():
    family = Family.objects.create(code="lights", name="Lights")
    product = Product.objects.create(
        sku="00012",
        name="=Lamp",
        family=family,
        price=Decimal("12.50"),
        values={"color": "Amber", "name": "inner", "values.x": "y", "note": "a\nb,c"},
    )
    product.categories.add(Category.objects.create(code="sale", name="Sale"))
    product.categories.add(Category.objects.create(code="home", name="Home"))
    return product


@pytest.fixture
def chair():
    return Product.objects.create(sku="chair", name="Chair", enabled=False)


def export(kind, **parameters):
    execution = run(f"{kind}_product_export", parameters=parameters)
    return execution, list(READERS[kind](io.BytesIO(output(execution))))


def test_products_are_offered_as_a_file(kind, lamp, chair):
    execution, rows = export(kind)
    assert execution.files.get(role="output").name == f"products.{kind}"
    assert counts(execution) == {"written": 2}
    assert Decimal(rows[0].pop("price")) == Decimal("12.50")
    assert rows[0] == {
        "sku": "00012",
        "name": "=Lamp",
        "family": "lights",
        "categories": "home,sale",
        "enabled": "1",
        "color": "Amber",
        "note": "a\nb,c",
        "values.name": "inner",
        "values.values.x": "y",
    }


def test_the_export_imported_again_changes_nothing(kind, lamp, chair):
    content = output(run(f"{kind}_product_export"))
    assert counts(run_on(f"{kind}_product_import", content)) == {"unchanged": 2}


def test_the_export_rebuilds_the_products_elsewhere(kind, lamp, chair):
    content = output(run(f"{kind}_product_export"))
    values = lamp.values
    Product.objects.all().delete()
    assert counts(run_on(f"{kind}_product_import", content)) == {"created": 2}
    assert Product.objects.get(sku="00012").values == values


def test_filters_choose_the_products(kind, lamp, chair):
    for parameters in (
        {"family": lamp.family.pk},
        {"category": lamp.categories.first().pk},
        {"enabled_only": True},
    ):
        execution, rows = export(kind, **parameters)
        assert [row["sku"] for row in rows] == ["00012"]
        assert counts(execution) == {"written": 1}


def test_the_delimiter_is_the_one_asked_for(chair):
    execution = run("csv_product_export", parameters={"delimiter": ";"})
    assert output(execution).startswith(b"sku;name;family")


def test_an_export_costs_a_constant_number_of_queries(lamp, django_assert_max_num_queries):
    Product.objects.bulk_create(Product(sku=f"s{n}", name="S") for n in range(400))
    with django_assert_max_num_queries(80):
        run("csv_product_export")


def test_the_real_shop_exported_and_imported_changes_nothing(kind):
    run_on("csv_product_import", real_file("products_magento.csv"))
    execution = run(f"{kind}_product_export")
    assert counts(execution) == {"written": 1994}
    again = run_on(f"{kind}_product_import", output(execution))
    assert counts(again) == {"unchanged": 1994}
