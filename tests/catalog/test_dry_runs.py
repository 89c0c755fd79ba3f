"""What an operation of the catalog would do, shown and not done."""

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs import actions, runner
from akeneo_jobs.models import JobExecution
from example_project.catalog.models import Category, Family, Product, Rule

from .tables import counts, table

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def lamp():
    family = Family.objects.create(code="lamps", name="Lamps")
    values = {"color": "Amber"}
    return Product.objects.create(sku="lamp", name="Lamp", family=family, values=values)


def tried(job_type, **parameters):
    execution = actions.record(job_type, parameters=parameters, is_dry_run=True)
    runner.run(execution.pk)
    return JobExecution.objects.get(pk=execution.pk)


def previews(execution):
    """Return outcome, label and field → (old, new) of each item that is shown."""
    return [
        (one["outcome"], one["label"], {c["field"]: (c["old"], c["new"]) for c in one["changes"]})
        for one in execution.steps.get().preview
    ]


def test_an_import_leaves_nothing_and_shows_each_field(lamp):
    content = table(
        "csv",
        ["sku", "name", "family", "categories", "color"],
        ["lamp", "Light", "lamps", "sale", "Amber"],
        ["kite", "Kite", "kites", "Home/Play", ""],
        ["", "No SKU", "", "", ""],
    )
    execution = tried("csv_product_import", file=ContentFile(content, name="p.csv"))
    assert counts(execution) == {"created": 1, "updated": 1, "skipped": 1}
    updated, created = sorted(previews(execution), reverse=True)
    assert updated == (
        "updated",
        "lamp",
        {"name": ("Lamp", "Light"), "categories": ("", "sale")},
    )
    assert created[2]["categories"] == ("", "Home.Play")
    assert (Product.objects.get().name, Family.objects.count()) == ("Lamp", 1)
    assert not Category.objects.exists()


def test_a_category_import_shows_what_it_would_move():
    home = Category.objects.create(code="home", name="Home")
    content = table("csv", ["code", "parent", "name"], ["play", "home", "Play"])
    execution = tried("csv_category_import", file=ContentFile(content, name="c.csv"), delimiter=",")
    ((outcome, label, changes),) = previews(execution)
    assert (outcome, label, changes["parent"]) == ("created", "play", (None, home.pk))
    assert Category.objects.count() == 1


@pytest.mark.parametrize(
    ("parameters", "changes"),
    [
        ({"action": "disable"}, {"enabled": (True, False)}),
        (
            {"action": "set_value", "attribute": "color", "value": "Red"},
            {"color": ("Amber", "Red")},
        ),
        ({"action": "set_family", "new_family": "kites"}, {"family": ("Lamps", "Kites")}),
        ({"action": "add_to_category", "category": "sale"}, {"categories": ("", "sale")}),
    ],
)
def test_a_mass_edit_shows_old_and_new(lamp, parameters, changes):
    kites = Family.objects.create(code="kites", name="Kites")
    sale = Category.objects.create(code="sale", name="Sale")
    rows = {"new_family": kites.pk, "category": sale.pk}
    given = {name: rows.get(name, value) for name, value in parameters.items()}
    execution = tried("edit_products", selection="matching", **given)
    assert previews(execution) == [("updated", "lamp Lamp", changes)]
    lamp.refresh_from_db()
    assert (lamp.enabled, lamp.values, lamp.family.name) == (True, {"color": "Amber"}, "Lamps")
    assert not sale.products.exists()


def test_rules_show_what_they_would_fill(lamp):
    for attribute in ("power", "color"):
        fields = {"code": attribute, "label": attribute, "attribute": attribute}
        Rule.objects.create(family=lamp.family, value="5 W", **fields)
    execution = tried("run_rules")
    assert previews(execution) == [("updated", "lamp Lamp", {"power": (None, "5 W")})]
    lamp.refresh_from_db()
    assert lamp.values == {"color": "Amber"}
