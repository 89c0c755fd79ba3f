import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command

from example_project.catalog.models import Category, Family

from .tables import counts, run_on, warnings

pytestmark = pytest.mark.django_db


def test_everybody_logs_in_with_the_own_name():
    call_command("demo_data")
    for name in ("julia", "mary", "peter", "admin"):
        assert authenticate(username=name, password=name)
    assert list(get_user_model().objects.filter(is_staff=True).values_list("username")) == [
        ("admin",)
    ]


def test_the_command_may_run_again(tmp_path):
    files = [tmp_path / "one.csv", tmp_path / "deeper" / "two.csv"]
    for path in files:
        call_command("demo_data", csv=path)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert get_user_model().objects.count() == 4
    assert Family.objects.get(code="lamps").required_attributes == ["color", "power"]


def test_the_demo_catalog_has_some_faulty_rows_of_each_kind(tmp_path):
    path = tmp_path / "products.csv"
    call_command("demo_data", csv=path)
    execution = run_on("csv_product_import", path.read_bytes())
    codes = {(warning.code, warning.field) for warning in warnings(execution)}
    assert counts(execution) == {"created": 2974, "skipped": 26}
    assert len(codes) == 7
    assert counts(run_on("csv_product_import", path.read_bytes())) == {
        "unchanged": 2974,
        "skipped": 26,
    }


def test_the_demo_categories_are_in_the_catalog_already(tmp_path):
    path = tmp_path / "categories.csv"
    call_command("demo_data", categories=path)
    assert counts(run_on("csv_category_import", path.read_bytes())) == {"unchanged": 6}
    assert Category.objects.get(code="garden").parent.code == "outdoor"
