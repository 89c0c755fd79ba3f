"""Operations of the catalog that are interrupted, tried, repaired or shared among workers."""

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs import actions, runner
from akeneo_jobs.models import JobExecution, StepExecution
from akeneo_jobs.testing import run
from example_project.catalog import categories, edits, exports, products, rules, sources
from example_project.catalog.models import Family, Product, ProductCompleteness, Project, Rule

from .tables import counts, output, table, warnings

pytestmark = pytest.mark.django_db
COLUMNS = ["sku", "name", "family"]
ROWS = [[f"p{n}", f"Product {n}", "lamps"] for n in range(6)]


class Killed(BaseException):
    """The process dies."""


@pytest.fixture
def lamps():
    family = Family.objects.create(code="lamps", name="Lamps", required_attributes=["color"])
    Product.objects.bulk_create(
        Product(sku=sku, name=name, family=family, values={"color": "Amber"} if n % 2 else {})
        for n, (sku, name, _family) in enumerate(ROWS)
    )
    return family


@pytest.fixture
def dies(monkeypatch):
    """Have a step die at its third chunk of two items, once."""

    def prepare(step):
        write, chunks = step.write, []

        def write_or_die(self, items, context):
            chunks.append(len(items))
            if len(chunks) == 3:
                raise Killed
            write(self, items, context)

        monkeypatch.setattr(step, "chunk_size", 2)
        monkeypatch.setattr(step, "write", write_or_die)
        return chunks

    return prepare


def restarted(job_type, **parameters):
    """Run an operation whose process dies, and once more; return it."""
    execution = actions.record(job_type, parameters=parameters)
    with pytest.raises(Killed):
        runner.run(execution.pk)
    JobExecution.objects.filter(pk=execution.pk).update(status="starting")
    runner.run(execution.pk)
    return JobExecution.objects.get(pk=execution.pk)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_import_continues_and_still_knows_the_rows_before(kind, dies):
    chunks = dies(products.ImportProducts)
    again = ["p0", "Again", "lamps"]
    content = table(kind, COLUMNS, *ROWS, again)
    execution = restarted(f"{kind}_product_import", file=ContentFile(content, name="p"))
    assert chunks == [2, 2, 2, 2]
    assert counts(execution) == {"created": 6, "skipped": 1}
    assert warnings(execution)[0].reason == "The SKU “p0” stands in row 1 already."
    assert Product.objects.get(sku="p0").name == "Product 0"


def test_a_category_import_continues_in_the_order_of_the_tree(dies):
    chunks = dies(categories.ImportCategories)
    rows = [[f"c{n}", f"c{n + 1}", "C"] for n in range(5)] + [["c5", "", "C"], ["x", "lost", "X"]]
    content = table("csv", ["code", "parent", "name"], *rows, delimiter=";")
    execution = restarted("csv_category_import", file=ContentFile(content, name="c"))
    assert chunks == [2, 2, 2, 2]
    assert counts(execution) == {"created": 6, "skipped": 1}


def test_a_mass_edit_continues(lamps, dies):
    chunks = dies(edits.EditProducts)
    execution = restarted(
        "edit_products", selection="matching", action="disable", search="p", family=lamps.pk
    )
    assert (chunks, counts(execution)) == ([2, 2, 2, 2], {"updated": 6})


def test_rules_continue_and_warn_once(lamps, dies):
    chunks = dies(rules.RunRules)
    kites = Family.objects.create(code="kites", name="Kites")
    for code, family in {"a": lamps, "b": kites}.items():
        Rule.objects.create(code=code, label=code, family=family, attribute="color", value="Red")
    execution = restarted("run_rules")
    assert chunks == [2, 2, 2, 2]
    assert counts(execution) == {
        "updated": 3,
        "a_updated": 3,
        "unchanged": 3,
        "a_unchanged": 3,
    }
    assert len(warnings(execution)) == 1


def test_an_export_begins_its_file_anew(lamps, dies):
    expected = output(run("csv_product_export"))
    dies(exports.ExportProducts)
    execution = restarted("csv_product_export")
    assert (output(execution), counts(execution)) == (expected, {"written": 6})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_in_parts_gives_the_same_file(kind, lamps, monkeypatch):
    Product.objects.filter(sku="p5").update(values={"power": "5 W"})
    whole = output(run(f"{kind}_product_export"))
    monkeypatch.setattr(sources, "PART_SIZE", 2)
    execution = run(f"{kind}_product_export")
    parts = StepExecution.objects.filter(execution=execution, part__gt=0).count()
    assert parts == {"csv": 3, "xlsx": 0}[kind]
    assert execution.steps.get().counts == {"read": 6, "written": 6}
    if kind == "csv":
        assert output(execution) == whole


def test_a_part_of_an_export_that_dies_is_done_again(lamps, dies, monkeypatch):
    expected = output(run("csv_product_export"))
    monkeypatch.setattr(sources, "PART_SIZE", 3)
    dies(exports.ExportProducts)
    execution = actions.record("csv_product_export")
    with pytest.raises(Killed):
        runner.run(execution.pk)
    JobExecution.objects.filter(pk=execution.pk).update(status="starting")
    StepExecution.objects.filter(part__gt=0, status="started").update(status="starting")
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert (execution.status, output(execution)) == ("completed", expected)
    assert execution.steps.get().counts == {"read": 6, "written": 6}


def test_an_export_of_nothing_is_a_header():
    content = output(run("csv_product_export"))
    assert content == b"sku,name,family,categories,price,enabled\r\n"


def test_completeness_in_parts_adds_up_to_the_same(lamps, monkeypatch):
    monkeypatch.setattr(sources, "PART_SIZE", 2)
    project = Project.objects.create(code="shop", label="Shop", family=lamps)
    execution = run("calculate_project", parameters={"project": project})
    measure = execution.steps.get(name="measure")
    assert measure.counts == {"read": 6, "complete": 3, "incomplete": 3}
    assert StepExecution.objects.parts_of(measure).count() == 3
    project.refresh_from_db()
    assert (project.percent, project.gaps) == (50, [("color", 3)])


def test_a_calculation_again_writes_only_what_has_changed(lamps):
    project = Project.objects.create(code="shop", label="Shop", family=lamps)
    run("calculate_project", parameters={"project": project})
    before = set(ProductCompleteness.objects.values_list("pk", flat=True))
    Product.objects.update(values={"color": "Red"})
    run("calculate_project", parameters={"project": project})
    project.refresh_from_db()
    assert set(ProductCompleteness.objects.values_list("pk", flat=True)) == before
    assert project.percent == 100
