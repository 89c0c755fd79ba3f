import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.files.base import ContentFile
from django.core.management import call_command

from akeneo_jobs.models import JobProfile
from akeneo_jobs.testing import run
from example_project.catalog.models import Category, Family, Product, Project, Rule

from .tables import counts, output, real_file, run_on, table, warnings

pytestmark = pytest.mark.django_db
ACTS = ["view", "add", "change", "delete"]


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
    assert [Rule.objects.count(), Project.objects.count(), JobProfile.objects.count()] == [4, 3, 5]


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


def percent(project):
    project.refresh_from_db()
    return project.percent


def launched(code, content=None):
    profile = JobProfile.objects.get(code=code)
    parameters = dict(profile.parameters)
    if content:
        parameters["file"] = ContentFile(content, name="file.csv")
    return run(profile.job_type, parameters=parameters, profile=profile)


def test_managers_work_with_profiles_and_have_no_other_right():
    call_command("demo_data")
    for name in ("julia", "mary", "peter"):
        rights = get_user_model().objects.get(username=name).get_all_permissions()
        assert rights == {f"akeneo_jobs.{act}_jobprofile" for act in ACTS}


def test_the_profiles_import_and_export_the_catalog():
    call_command("demo_data")
    products = table("csv", ["sku", "name"], ["1", "One"])
    categories = table("csv", ["code", "name"], ["new", "New"], delimiter=";")
    assert counts(launched("demo_products", products)) == {"created": 1}
    assert counts(launched("bestbuy_categories", categories)) == {"created": 1}
    assert output(launched("products_csv")).startswith(b"sku,name")
    assert counts(launched("products_xlsx")) == {"written": 1}


def test_the_profile_of_the_real_shop_leaves_out_what_is_no_product_data():
    call_command("demo_data")
    execution = launched("magento_products", real_file("products_magento.csv"))
    assert counts(execution) == {"created": 1994}
    product = Product.objects.get(sku="MH01-XS-Black")
    assert product.family.name == "Top"
    assert "created_at" not in product.values
    assert product.values["size"] == "XS"


def test_the_demo_has_work_for_each_rule_and_project(tmp_path):
    path = tmp_path / "products.csv"
    call_command("demo_data", csv=path)
    run_on("csv_product_import", path.read_bytes())
    project = Project.objects.get(code="chairs_complete")
    run("calculate_project", parameters={"project": project})
    before = percent(project)
    assert run("run_rules").steps.get().counts["updated"] > 50
    run("calculate_project", parameters={"project": project})
    assert before < percent(project) < 100
