import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from akeneo_jobs.models import JobExecution
from akeneo_jobs.testing import run
from example_project.catalog.models import Category, Family, Product

from .tables import counts, warnings

pytestmark = pytest.mark.django_db
ENABLE = {"selection": "chosen", "skus": ["a"], "action": "enable"}


@pytest.fixture
def lamps():
    return Family.objects.create(code="lamps", name="Lamps", required_attributes=["color"])


@pytest.fixture(autouse=True)
def products(lamps):
    """Two chairs without a family, and a lamp."""
    values = [{"color": "Amber"}, {}, {"color": "Coral", "power": "5 W"}]
    for sku, own in zip("abc", values, strict=True):
        Product.objects.create(sku=sku, name=f"Chair {sku}", values=own)
    Product.objects.filter(sku="c").update(name="Lamp", family=lamps)


def edit(action, *skus, **parameters):
    chosen = {"selection": "chosen", "skus": list(skus)} if skus else {"selection": "matching"}
    return run("edit_products", parameters={**chosen, "action": action, **parameters})


def column(name):
    return dict(Product.objects.values_list("sku", name))


def test_the_family_of_the_chosen_products_is_set(lamps):
    execution = edit("set_family", "a", "c", new_family=lamps)
    assert counts(execution) == {"updated": 1, "unchanged": 1}
    assert column("family") == {"a": lamps.pk, "b": None, "c": lamps.pk}


def test_all_that_match_a_filter_are_edited_and_no_others(lamps):
    execution = edit("disable", search="CHAIR")
    assert counts(execution) == {"updated": 2}
    assert column("enabled") == {"a": False, "b": False, "c": True}
    assert counts(edit("disable", family=lamps)) == {"updated": 1}


def test_a_filter_that_the_change_itself_empties_is_edited_to_its_end(lamps):
    other = Family.objects.create(code="other", name="Other")
    Product.objects.bulk_create(Product(sku=f"n{n}", name="N", family=lamps) for n in range(250))
    execution = edit("set_family", family=lamps, new_family=other)
    assert counts(execution) == {"updated": 251}
    assert not Product.objects.filter(family=lamps).exists()


def test_the_row_of_a_filter_holds_no_products():
    execution = edit("disable", search="chair")
    assert execution.parameters["skus"] == []
    assert execution.parameters["search"] == "chair"


def test_products_are_added_to_a_category_and_stay_in_the_others():
    sale, home = (Category.objects.create(code=code, name=code) for code in ("sale", "home"))
    home.products.add(*Product.objects.all())
    sale.products.add(Product.objects.get(sku="a"))
    assert counts(edit("add_to_category", category=sale)) == {"updated": 2, "unchanged": 1}
    assert sale.products.count() == home.products.count() == 3


def test_a_value_is_changed_and_an_empty_one_is_removed():
    execution = edit("set_value", attribute="color", value="Coral")
    assert counts(execution) == {"updated": 2, "unchanged": 1}
    assert counts(edit("set_value", "a", "b", attribute="color")) == {"updated": 2}
    assert counts(edit("set_value", "b", attribute="color")) == {"unchanged": 1}
    assert column("values") == {"a": {}, "b": {}, "c": {"color": "Coral", "power": "5 W"}}


def test_an_incomplete_product_stays_disabled_and_the_warning_opens_it(lamps):
    Product.objects.update(family=lamps, enabled=False)
    execution = edit("enable")
    (warning,) = warnings(execution)
    assert counts(execution) == {"updated": 2, "skipped": 1}
    assert warning.item_url == Product.objects.get(sku="b").get_absolute_url()
    assert warning.reason == "It is incomplete and stays disabled. Missing: color."
    assert column("enabled") == {"a": True, "b": False, "c": True}


def test_a_product_deleted_since_is_a_warning_at_its_place():
    execution = edit("disable", "a", "gone", "b")
    (warning,) = warnings(execution)
    assert (warning.position, warning.code) == (2, "deleted")
    assert "“gone”" in warning.reason
    assert counts(execution) == {"updated": 2, "skipped": 1}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"skus": []}, "skus"),
        ({"skus": [str(n) for n in range(1001)]}, "skus"),
        ({"selection": "some"}, "selection"),
        ({"selection": "matching", "family": 0}, "family"),
        ({"action": "delete"}, "action"),
        ({"action": "set_family"}, "new_family"),
        ({"action": "set_family", "new_family": 0}, "new_family"),
        ({"action": "add_to_category"}, "category"),
        ({"action": "set_value", "value": "x"}, "attribute"),
        ({"action": "set_value", "attribute": "price"}, "attribute"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(change, field):
    with pytest.raises(ValidationError) as caught:
        run("edit_products", parameters=ENABLE | change)
    assert list(caught.value.message_dict) == [field]
    assert not JobExecution.objects.exists()


def test_what_belongs_to_another_change_does_not_matter():
    other = {"attribute": "price", "new_family": 0, "search": "x", "family": 0}
    execution = run("edit_products", parameters=ENABLE | other)
    assert execution.parameters["attribute"] == execution.parameters["search"] == ""
    assert execution.parameters["new_family"] is None


def test_an_edit_costs_a_constant_number_of_queries_per_chunk(django_assert_max_num_queries):
    Product.objects.bulk_create(Product(sku=f"n{n}", name="N") for n in range(400))
    with django_assert_max_num_queries(120):
        edit("disable")


def test_the_products_page_offers_its_products_and_all_that_match(julia):
    page = julia.get(reverse("catalog:products"), {"search": "chair"}).content.decode()
    assert page.count('name="skus"') == 2
    assert "Edit all 2 that match" in page


def test_the_selection_reaches_the_page_of_changes(julia):
    query = {"selection": "chosen", "skus": ["a", "b"]}
    response = julia.get(reverse("catalog:mass_edit"), query)
    assert "Edit 2 products" in response.content.decode()
    assert response.context["form"]["skus"].value() == "a\nb"


def test_a_selection_of_nothing_returns_to_the_products_with_a_message(julia):
    query = {"selection": "chosen", "search": "lamp"}
    response = julia.get(reverse("catalog:mass_edit"), query, follow=True)
    assert response.redirect_chain == [(f"{reverse('catalog:products')}?search=lamp", 302)]
    assert "Select at least one product." in response.content.decode()


def test_a_launch_returns_to_the_products_with_a_link_to_its_report(julia):
    data = {"selection": "matching", "search": "chair", "action": "disable"}
    response = julia.post(reverse("catalog:mass_edit"), data, follow=True)
    execution = JobExecution.objects.get()
    assert response.redirect_chain == [(f"{reverse('catalog:products')}?search=chair", 302)]
    assert execution.get_absolute_url() in response.content.decode()
    assert execution.parameters["search"] == "chair"


def test_chosen_products_survive_the_form(julia):
    data = {"selection": "chosen", "skus": "a\r\nb", "action": "disable"}
    julia.post(reverse("catalog:mass_edit"), data)
    assert JobExecution.objects.get().parameters["skus"] == ["a", "b"]


def test_a_change_without_its_value_stays_on_the_page_and_says_so(julia):
    data = {"selection": "chosen", "skus": "a", "action": "set_family"}
    response = julia.post(reverse("catalog:mass_edit"), data)
    assert response.status_code == 422
    assert "The change needs this." in response.content.decode()


def test_the_page_asks_for_a_login(client):
    assert client.get(reverse("catalog:mass_edit")).url.startswith(reverse("login"))
