from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from akeneo_jobs.models import JobExecution
from akeneo_jobs.testing import run
from example_project.catalog.models import Category, Family, Product, Project

from .tables import warnings

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    """A project on a family of three products, one of them complete."""
    required = ["color", "price", "categories"]
    family = Family.objects.create(code="lamps", name="Lamps", required_attributes=required)
    full = Product.objects.create(
        sku="full", name="F", family=family, price=Decimal(0), values={"color": "Amber"}
    )
    full.categories.add(Category.objects.create(code="home", name="Home"))
    Product.objects.create(sku="half", name="H", family=family, values={"color": "Coral"})
    Product.objects.create(sku="none", name="N", family=family, values={"color": ""})
    Product.objects.create(sku="other", name="O")
    return Project.objects.create(code="shop", label="Web shop", family=family)


def calculate(project):
    execution = run("calculate_project", parameters={"project": project})
    project.refresh_from_db()
    return execution


def missing(project):
    return dict(project.products.values_list("product__sku", "missing"))


def test_a_calculation_stores_what_each_product_lacks(project):
    execution = calculate(project)
    assert missing(project) == {
        "full": [],
        "half": ["price", "categories"],
        "none": ["color", "price", "categories"],
    }
    assert execution.steps.get(name="measure").counts == {"read": 3, "complete": 1, "incomplete": 2}


def test_a_calculation_adds_up_the_project(project):
    execution = calculate(project)
    assert (project.product_count, project.complete_count, project.percent) == (3, 1, 33)
    assert project.gaps == [("categories", 2), ("price", 2), ("color", 1)]
    assert project.calculated_at > execution.started_at


def test_a_second_calculation_forgets_what_left_the_family(project):
    calculate(project)
    Product.objects.filter(sku="none").update(family=None)
    Product.objects.filter(sku="half").delete()
    calculate(project)
    assert missing(project) == {"full": []}
    assert project.percent == 100


def test_a_family_that_requires_nothing_is_complete_with_a_warning(project):
    Family.objects.update(required_attributes=[])
    (warning,) = warnings(calculate(project))
    assert warning.code == "nothing_required"
    assert project.percent == 100


def test_a_family_without_products_has_no_percentage_and_a_warning(project):
    Product.objects.all().delete()
    (warning,) = warnings(calculate(project))
    assert warning.item_url == project.get_absolute_url()
    assert project.percent is None


def test_an_unknown_project_is_refused(project):
    with pytest.raises(ValidationError):
        run("calculate_project", parameters={"project": 0})


def test_the_page_shows_the_result_and_opens_what_is_incomplete(julia, project):
    calculate(project)
    page = julia.get(project.get_absolute_url()).content.decode()
    assert "1 of 3 products complete" in page
    assert Product.objects.get(sku="half").get_absolute_url() in page
    assert Product.objects.get(sku="full").get_absolute_url() not in page


def test_incomplete_products_come_in_pages(julia, project, django_assert_max_num_queries):
    Product.objects.bulk_create(
        Product(sku=f"n{n}", name="N", family=project.family) for n in range(60)
    )
    calculate(project)
    with django_assert_max_num_queries(15):
        response = julia.get(project.get_absolute_url(), {"page": 2})
    assert len(response.context["incomplete"]) == 12


def test_the_button_calculates_and_the_page_shows_how_far_it_is(julia, project):
    url = reverse("catalog:calculate", args=["shop"])
    response = julia.post(url, follow=True)
    execution = JobExecution.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(project.get_absolute_url(), 302)]
    assert f"akj-progress-{execution.uuid}" in page
    assert "has been launched" in page


def test_nobody_sees_the_calculations_of_others_there(julia, project):
    execution = calculate(project)
    assert str(execution.uuid) not in julia.get(project.get_absolute_url()).content.decode()


def test_the_list_shows_each_project_with_its_bar(julia, project):
    assert "not calculated yet" in julia.get(reverse("catalog:projects")).content.decode()
    calculate(project)
    assert 'value="33"' in julia.get(reverse("catalog:projects")).content.decode()
