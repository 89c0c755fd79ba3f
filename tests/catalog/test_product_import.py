from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from akeneo_jobs.io import read_csv, upsert
from akeneo_jobs.testing import run
from example_project.catalog import products
from example_project.catalog.models import Category, Family, Product

from .tables import counts, failure, real_file, run_on, table, warnings

pytestmark = pytest.mark.django_db
COLUMNS = ["sku", "name", "family", "categories", "price", "enabled", "color"]
LAMP = ["lamp", "Lamp", "Lights", "Home/Living room,sale", "12.50", "yes", "Amber"]


@pytest.fixture(params=["csv", "xlsx"])
def kind(request):
    return request.param


def import_rows(kind, columns, *rows, **parameters):
    return run_on(f"{kind}_product_import", table(kind, columns, *rows), **parameters)


def lamp(**cells):
    return list({**dict(zip(COLUMNS, LAMP, strict=True)), **cells}.values())


def test_a_row_becomes_a_product_with_its_family_and_categories(kind):
    execution = import_rows(kind, COLUMNS, LAMP)
    product = Product.objects.get()
    assert counts(execution) == {"created": 1}
    assert (product.sku, product.name, product.price) == ("lamp", "Lamp", Decimal("12.50"))
    assert product.enabled
    assert product.values == {"color": "Amber"}
    assert product.family.code == "Lights"
    assert {c.code for c in product.categories.all()} == {"Home.Living-room", "sale"}
    assert Category.objects.get(code="Home.Living-room").parent.name == "Home"


def test_the_same_row_again_changes_nothing(kind):
    import_rows(kind, COLUMNS, LAMP)
    assert counts(import_rows(kind, COLUMNS, LAMP)) == {"unchanged": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Light"},
        {"family": ""},
        {"categories": "sale"},
        {"price": ""},
        {"enabled": "no"},
        {"color": ""},
    ],
)
def test_one_other_cell_updates_the_product(change):
    import_rows("csv", COLUMNS, LAMP)
    assert counts(import_rows("csv", COLUMNS, lamp(**change))) == {"updated": 1}
    assert counts(import_rows("csv", COLUMNS, lamp(**change))) == {"unchanged": 1}


def test_an_empty_cell_removes_the_value_and_an_absent_column_keeps_it():
    import_rows("csv", COLUMNS, LAMP)
    import_rows("csv", ["sku", "price", "power"], ["lamp", "", "5 W"])
    product = Product.objects.get()
    assert product.price is None
    assert product.name == "Lamp"
    assert product.values == {"color": "Amber", "power": "5 W"}


@pytest.mark.parametrize(
    ("change", "code", "field", "words"),
    [
        ({"sku": ""}, "missing", "sku", "The SKU is missing."),
        ({"sku": "x" * 65}, "too_long", "sku", "at most 64"),
        ({"name": ""}, "missing", "name", "The name is missing."),
        ({"name": "x" * 256}, "too_long", "name", "at most 255"),
        ({"price": "on request"}, "invalid", "price", "“on request” is no number"),
        ({"price": "NaN"}, "invalid", "price", "is no number"),
        ({"price": "-1"}, "invalid", "price", "negative"),
        ({"price": "1.234"}, "too_long", "price", "too many digits"),
        ({"price": "1" + 10 * "0"}, "too_long", "price", "too many digits"),
        ({"enabled": "maybe"}, "invalid", "enabled", "neither yes nor no"),
        ({"family": "x" * 256}, "too_long", "family", "at most 255"),
        ({"categories": "x" * 256}, "too_long", "categories", "at most 255"),
    ],
)
def test_a_wrong_cell_is_a_warning_on_its_row_and_saves_nothing_of_it(
    kind, change, code, field, words
):
    good = lamp(sku="good", family="", categories="")
    execution = import_rows(kind, COLUMNS, good, lamp(**change))
    (warning,) = warnings(execution)
    assert counts(execution) == {"created": 1, "skipped": 1}
    assert (warning.position, warning.code, warning.field) == (2, code, field)
    assert words in warning.reason
    assert warning.item["name"] == dict(zip(COLUMNS, lamp(**change), strict=True))["name"]
    assert not Family.objects.exists()
    assert not Category.objects.exists()


def test_a_cell_of_five_megabytes_is_a_warning_on_its_row():
    execution = import_rows("csv", COLUMNS, lamp(color="x" * 5_000_000), lamp(sku="next"))
    (warning,) = warnings(execution)
    assert warning.position == 1
    assert "5000000 characters" in warning.reason
    assert counts(execution) == {"skipped": 1, "created": 1}


def test_a_sku_that_stands_twice_is_imported_once(kind):
    execution = import_rows(kind, COLUMNS, LAMP, lamp(sku="other"), lamp(name="Again"))
    (warning,) = warnings(execution)
    assert (warning.position, warning.code) == (3, "duplicate")
    assert warning.reason == "The SKU “lamp” stands in row 1 already."
    assert Product.objects.get(sku="lamp").name == "Lamp"


def test_rows_with_other_cells_than_the_header_are_warnings():
    content = b"sku,name\n1,One,more\n2\n3,a\0b\n4,Four\n"
    execution = run_on("csv_product_import", content)
    assert [warning.position for warning in warnings(execution)] == [1, 2, 3]
    assert counts(execution) == {"skipped": 3, "created": 1}


def test_without_create_missing_an_unknown_family_or_category_is_a_warning(kind):
    Family.objects.create(code="Lights", name="Lights")
    rows = [lamp(sku="1"), lamp(sku="2", family="None"), lamp(sku="3", categories="")]
    execution = import_rows(kind, COLUMNS, *rows, create_missing=False)
    assert [warning.field for warning in warnings(execution)] == ["categories", "family"]
    assert counts(execution) == {"skipped": 2, "created": 1}
    assert not Category.objects.exists()


def test_a_new_product_needs_a_name_though_the_file_has_no_such_column():
    execution = import_rows("csv", ["sku", "family"], ["1", "Lights"])
    assert [warning.code for warning in warnings(execution)] == ["missing"]
    assert not Family.objects.exists()


def test_what_the_database_refuses_costs_its_row_and_leaves_nothing_behind(monkeypatch):
    def refuse(model, items, **options):
        if any(item["sku"] == "bad" for item in items):
            raise IntegrityError("no such luck")
        return upsert(model, items, **options)

    monkeypatch.setattr(products, "upsert", refuse)
    bad = lamp(sku="bad", family="Odd", categories="Odd/Corner")
    execution = import_rows("csv", COLUMNS, LAMP, bad, lamp(sku="next"))
    (warning,) = warnings(execution)
    assert (warning.position, counts(execution)) == (2, {"created": 2, "skipped": 1})
    assert "no such luck" in warning.reason
    assert not Family.objects.filter(name="Odd").exists()
    assert not Category.objects.filter(name="Corner").exists()


def test_the_attributes_of_one_column_become_values():
    row = ["1", "One", "size=XS,note=a, b,color="]
    import_rows("csv", ["sku", "name", "additional_attributes"], row)
    assert Product.objects.get().values == {"size": "XS", "note": "a, b"}


def test_columns_are_mapped_and_left_out():
    execution = import_rows(
        "csv",
        ["Article", "Title", "name", "Hue"],
        ["1", "One", "ignored", "Amber"],
        mapping="Article = sku\nTitle = name\nname = -\nHue = values.color",
    )
    assert counts(execution) == {"created": 1}
    assert Product.objects.get().name == "One"
    assert Product.objects.get().values == {"color": "Amber"}


@pytest.mark.parametrize("mapping", ["sku", "= sku", "a = colour", "a = values."])
def test_a_wrong_mapping_is_refused_before_anything_is_recorded(mapping):
    with pytest.raises(ValidationError, match="Line 1"):
        import_rows("csv", COLUMNS, LAMP, mapping=mapping)


def test_a_missing_upload_is_refused_before_anything_is_recorded(kind):
    with pytest.raises(ValidationError, match="required"):
        run(f"{kind}_product_import", parameters={})


@pytest.mark.parametrize(
    ("columns", "mapping", "words"),
    [
        (["name", "price"], "", "Missing column: sku. The file has: name, price."),
        (["sku", "name"], "Title = name", "Missing column: Title."),
        (["sku", "family", "attribute_set_code"], "", "both fill family"),
    ],
)
def test_columns_that_do_not_say_what_they_fill_fail_the_job(kind, columns, mapping, words):
    execution = import_rows(kind, columns, ["x"] * len(columns), mapping=mapping)
    assert execution.status == "failed"
    assert words in failure(execution)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sku,name\n1,Été\n".encode("latin-1"), "Line 2 is not UTF-8"),
        (b"sku;name\n1;One\n", "The file has: sku;name. Is the delimiter right?"),
        (b"\n", "The file is empty."),
        (b"sku,name\n", "The file has a header but no rows."),
        (b'sku,name\n1,One\n2,"Two', "a quote is not closed"),
    ],
)
def test_a_bad_csv_file_fails_with_a_sentence_and_saves_nothing(content, words):
    execution = run_on("csv_product_import", content)
    assert execution.status == "failed"
    assert words in failure(execution)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"sku,name\n1,One\n", "The file is no XLSX workbook"),
        (table("xlsx", ["sku", "name"]), "The file has a header but no rows."),
        (table("xlsx", ["sku", "name"], ["1", "One"])[:-50], "damaged"),
    ],
)
def test_a_bad_xlsx_file_fails_with_a_sentence(content, words):
    execution = run_on("xlsx_product_import", content)
    assert execution.status == "failed"
    assert words in failure(execution)


def test_the_delimiter_and_the_encoding_are_found_if_nobody_names_them():
    content = "sku;name\n1;Été\n".encode("utf-16")
    run_on("csv_product_import", content, delimiter="", encoding="")
    assert Product.objects.get().name == "Été"


def test_objects_on_lines_are_products_with_values_of_any_type():
    content = b"""{"sku": 1, "name": "One", "price": 12.5, "enabled": true, "color": "Red"}
{"sku": "2", "name": "Two", "price": null, "enabled": false, "power": 9}
{"name": "None"}
[]
"""
    execution = run_on("jsonl_product_import", content)
    assert counts(execution) == {"created": 2, "skipped": 2}
    assert [(warning.code, warning.field) for warning in warnings(execution)] == [
        ("missing", "sku"),
        ("shape", ""),
    ]
    assert list(Product.objects.values_list("sku", "price", "enabled", "values")) == [
        ("1", Decimal("12.50"), True, {"color": "Red"}),
        ("2", None, False, {"power": "9"}),
    ]
    assert counts(run_on("jsonl_product_import", content)) == {"unchanged": 2, "skipped": 2}


def test_a_chunk_costs_a_constant_number_of_queries(django_assert_max_num_queries):
    rows = [lamp(sku=f"n{n}", categories=f"a{n % 9},b{n % 7}/c") for n in range(400)]
    with django_assert_max_num_queries(100):
        assert counts(import_rows("csv", COLUMNS, *rows)) == {"created": 400}


def test_the_real_shop_is_imported_and_changes_nothing_the_second_time():
    content = real_file("products_magento.csv")
    first = run_on("csv_product_import", content)
    assert counts(first) == {"created": 1994}
    assert warnings(first) == []
    assert counts(run_on("csv_product_import", content)) == {"unchanged": 1994}


def test_the_real_shop_as_a_workbook_gives_the_same_products(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(real_file("products_magento.csv"))
    run_on("csv_product_import", path.read_bytes())
    with path.open("rb") as file:
        rows = read_csv(file)
        content = table("xlsx", rows.columns, *(row.values() for row in rows))
    execution = run_on("xlsx_product_import", content)
    assert counts(execution) == {"unchanged": 1994}
