import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from akeneo_jobs.models import JobExecution
from akeneo_jobs.testing import run
from example_project.catalog.models import Family, Product, Rule

from .tables import counts, warnings

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamps():
    """A family of three lamps, two of them without a color."""
    family = Family.objects.create(code="lamps", name="Lamps")
    for sku, values in {"a": {}, "b": {"color": ""}, "c": {"color": "Coral"}}.items():
        Product.objects.create(sku=sku, name=sku, family=family, values=values)
    return family


def rule(family, code="color", value="Amber", **fields):
    fields = {"attribute": "color", "label": f"Rule {code}"} | fields
    return Rule.objects.create(code=code, family=family, value=value, **fields)


def colors():
    return {product.sku: product.values.get("color") for product in Product.objects.all()}


def test_a_rule_fills_what_is_empty_in_its_family(lamps):
    Product.objects.create(sku="chair", name="Chair")
    rule(lamps)
    execution = run("run_rules")
    assert counts(execution) == {
        "updated": 2,
        "color_updated": 2,
        "unchanged": 1,
        "color_unchanged": 1,
    }
    assert colors() == {"a": "Amber", "b": "Amber", "c": "Coral", "chair": None}


def test_the_rule_with_the_lowest_position_comes_first(lamps):
    rule(lamps, code="first", value="Slate", position=1)
    rule(lamps, code="earlier", value="Moss", position=0)
    run("run_rules")
    assert colors() == {"a": "Moss", "b": "Moss", "c": "Coral"}


def test_a_second_run_changes_nothing(lamps):
    rule(lamps)
    run("run_rules")
    assert counts(run("run_rules"))["unchanged"] == 3


def test_only_the_chosen_rule_runs(lamps):
    power = rule(lamps, code="power", attribute="power", value="5 W")
    rule(lamps)
    run("run_rules", parameters={"rule": power})
    assert colors()["a"] is None
    assert Product.objects.get(sku="a").values == {"power": "5 W"}


def test_a_disabled_rule_is_left_out_and_the_log_says_so(lamps):
    rule(lamps, enabled=False)
    rule(lamps, code="power", attribute="power", value="5 W")
    execution = run("run_rules")
    assert colors()["a"] is None
    assert execution.warning_count == 0
    assert "“Rule color” is disabled" in execution.log_file.file.read().decode()


def test_a_rule_whose_family_has_no_product_is_a_warning(lamps):
    kites = rule(Family.objects.create(code="kites", name="Kites"), code="kites")
    rule(lamps)
    (warning,) = warnings(run("run_rules"))
    assert warning.code == "no_products"
    assert warning.item_url == kites.get_absolute_url()


def test_there_must_be_a_rule_to_run(lamps):
    disabled = rule(lamps, enabled=False)
    with pytest.raises(ValidationError, match="No rule is enabled"):
        run("run_rules")
    with pytest.raises(ValidationError, match="This rule is disabled"):
        run("run_rules", parameters={"rule": disabled})


def test_a_rule_fills_attributes_and_no_field(lamps):
    with pytest.raises(ValidationError, match="“price” is a field"):
        Rule(code="x", label="X", family=lamps, attribute="price", value="1").full_clean()


def test_the_page_says_each_rule_as_a_sentence(julia, lamps):
    rule(lamps)
    page = julia.get(reverse("catalog:rules")).content.decode()
    assert "When the family is <b>Lamps</b> and <b>color</b> is empty" in page


def test_the_button_runs_all_rules_and_the_page_shows_the_run(julia, lamps):
    rule(lamps)
    response = julia.post(reverse("catalog:run_rules"), follow=True)
    execution = JobExecution.objects.get()
    page = response.content.decode()
    assert execution.parameters == {"rule": None}
    assert f"akj-status-{execution.uuid}" in page
    assert "has been launched" in page


def test_one_rule_has_a_button_of_its_own(julia, lamps):
    chosen = rule(lamps)
    julia.post(reverse("catalog:run_rules"), {"rule": chosen.pk})
    assert JobExecution.objects.get().parameters == {"rule": chosen.pk}


def test_a_refused_run_is_a_message(julia):
    response = julia.post(reverse("catalog:run_rules"), follow=True)
    assert "No rule is enabled." in response.content.decode()
