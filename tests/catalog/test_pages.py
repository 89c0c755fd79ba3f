import pytest
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.urls import reverse

from akeneo_jobs.testing import run
from example_project.catalog.models import Category, Family, Product, Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp():
    family = Family.objects.create(code="lights", name="Lights", required_attributes=["color"])
    values = {"color": "Amber", "items": "an awkward name"}
    product = Product.objects.create(sku="lamp", name="Lamp", family=family, values=values)
    product.categories.add(Category.objects.create(code="home", name="Home"))
    return product


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_catalog_asks_for_a_login(client, lamp):
    for url in (reverse("home"), reverse("catalog:products"), lamp.get_absolute_url()):
        response = client.get(url)
        assert response.url.startswith(reverse("login"))


def test_a_person_logs_in_and_out(client, julia):
    julia.logout()
    login = {"username": "julia", "password": "julia"}
    assert "Log in" in text(client.get(reverse("login")))
    assert client.post(reverse("login"), login).url == "/"
    assert "Process tracker" in text(client.get("/"))
    assert client.post(reverse("logout")).url == "/"


def test_products_are_found_by_search_and_family(julia, lamp):
    Product.objects.create(sku="chair", name="Chair")
    for query in ({"search": "LAM"}, {"family": lamp.family.pk}):
        page = text(julia.get(reverse("catalog:products"), query))
        assert "lamp" in page
        assert "chair" not in page


@pytest.mark.parametrize("family", ["9" * 23, "9" * 5000, "x"])
def test_a_family_that_cannot_be_one_filters_nothing(julia, lamp, family):
    assert "lamp" in text(julia.get(reverse("catalog:products"), {"family": family}))


def test_a_project_that_cannot_be_one_is_not_found(julia):
    assert julia.get("/catalog/projects/%00/").status_code == 404
    assert julia.post("/catalog/projects/%00/calculate/").status_code == 404


def test_each_page_of_the_catalog_opens(julia, lamp):
    assert "an awkward name" in text(julia.get(lamp.get_absolute_url()))
    assert "Home" in text(julia.get(reverse("catalog:categories")))
    assert "Lamp" in text(julia.get(lamp.categories.get().get_absolute_url()))
    assert "color" in text(julia.get(reverse("catalog:families")))


def test_the_tracker_wears_the_site(julia):
    assert "site-header" in text(julia.get(reverse("akeneo_jobs:process_tracker")))


def test_the_language_is_switched(julia):
    julia.post(reverse("set_language"), {"language": "fr", "next": "/"})
    assert 'lang="fr"' in text(julia.get("/"))


def test_the_dashboard_shows_the_own_operations_and_the_projects(julia, lamp):
    project = Project.objects.create(code="shop", label="Web shop", family=lamp.family)
    run("csv_product_export", user=get_user(julia))
    page = text(julia.get("/"))
    assert "akj-last-operations" in page
    assert "Product export in CSV" in page
    assert project.get_absolute_url() in page


def test_the_home_of_the_catalog_shows_what_is_being_done(julia, lamp):
    run("csv_product_export", user=get_user(julia))
    page = text(julia.get(reverse("catalog:home")))
    assert "akj-latest" in page
    assert "Product export in CSV" in page


def test_imports_are_in_the_menu_of_who_may_see_profiles(julia):
    imports = reverse("akeneo_jobs:profiles", args=["import"])
    assert imports not in text(julia.get("/"))
    get_user(julia).user_permissions.add(Permission.objects.get(codename="view_jobprofile"))
    assert imports in text(julia.get("/"))
