"""Every block of Python in docs/ runs as it is written. Those of the README: test_readme.py."""

import re
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser, Group
from django.core.files.base import ContentFile
from django.db.utils import ConnectionHandler

from akeneo_jobs import JobType, Kind, Step, actions, checks, register, registry, runner, testing
from akeneo_jobs.io import read_csv
from akeneo_jobs.models import JobExecution
from example_project.catalog.models import Family, Product
from tests.factories import JobExecutionFactory, UserFactory

from .files import csv_rows

pytestmark = pytest.mark.django_db(databases="__all__")

ROOT = Path(__file__).resolve().parent.parent
PAGES = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text()


def blocks_of(text):
    return re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)


def block(page, number, **names):
    """Run a block with the names, and what its page has imported before; return all names."""
    *before, source = blocks_of(PAGES[page])[: number + 1]
    imports = re.findall(r"^(?:from|import) .*", "\n".join(before), re.M)
    names = {"__name__": f"docs.{page}", **names}
    exec("\n".join(imports), names)
    exec(compile(source, f"docs/{page}.md", "exec"), names)
    return names


class FileForm(forms.Form):
    file = forms.FileField(required=False)


class DocumentedJob(JobType):
    code = "documented"
    label = "Documented job"
    kind = Kind.IMPORT
    parameters_form = FileForm
    is_restartable = True
    can_dry_run = True


@pytest.fixture
def run():
    """Run a job type with some attributes, and the content of its file."""
    with ExitStack() as stack:

        def run(content=None, *, dry_run=False, **attributes):
            job_type = type("Documented", (DocumentedJob,), attributes)
            stack.enter_context(testing.registered(job_type))
            values = {"file": content and ContentFile(content, name="products.csv")}
            user = UserFactory()
            return run_now(
                actions.record(job_type, user=user, parameters=values, is_dry_run=dry_run)
            )

        yield run


def run_now(execution):
    runner.run(execution.pk)
    return JobExecution.objects.get(pk=execution.pk)


def code(page, number, **more):
    """Return a `run(self, context)` that is such a block."""
    return lambda self, context: block(page, number, context=context, **more)


def file_of(execution, role="output"):
    with execution.files.get(role=role).file.open("rb") as file:
        return file.read()


def products(count=8, **values):
    rows = [Product(sku=f"SKU-{number:04}", price=number, **values) for number in range(count)]
    return Product.objects.bulk_create(rows)


def test_every_block_is_run_by_a_test():
    there_are = {(p, str(n)) for p, text in PAGES.items() for n, _ in enumerate(blocks_of(text))}
    calls = r'\b(?:block|code)\("(\w+)", (\d+)'
    assert set(re.findall(calls, Path(__file__).read_text())) == there_are


def test_a_step_written_by_hand_goes_on_behind_what_was_handled(run):
    saved = []

    def save(row):
        saved.append(row["sku"])
        if row["sku"] == "2":
            runner.give_way()

    step = block("job_types", 0, Step=Step, read_csv=read_csv, save=save)["ImportRows"]
    first = run(b"sku\n1\n2\n3\n", steps=[step])
    assert (first.status, saved) == ("starting", ["1", "2"])
    assert run_now(first).steps.get().counts == {"created": 3}
    assert saved == ["1", "2", "3"]


def test_an_import_hands_bad_rows_back_and_takes_the_corrected_ones(run):
    step = block("job_types", 1, Product=Product)["ImportProducts"]
    first = run(b"sku,price\n1,5\n2,-3\n3,4\n", steps=[step])
    corrected = file_of(first, "rejects").replace(b"-3", b"3")
    repair = run_now(actions.repair(first, first.user, ContentFile(corrected, name="new.csv")))
    assert first.steps.get().counts == {"read": 3, "created": 2, "skipped": 1}
    assert first.steps.get().warnings.get().reason == "The price is negative."
    assert (repair.status, Product.objects.get(sku="2").price) == ("completed", 3)


def test_an_import_can_be_tried_first(run):
    step = block("job_types", 1, Product=Product)["ImportProducts"]
    execution = run(b"sku,price\n1,5\n", dry_run=True, steps=[step])
    assert execution.steps.get().preview[0]["outcome"] == "created"
    assert not Product.objects.exists()


@pytest.mark.parametrize("many", ["100_000", "2"])
def test_an_export_is_one_file_in_parts_or_whole(run, monkeypatch, many):
    monkeypatch.setitem(PAGES, "job_types", PAGES["job_types"].replace("100_000", many))
    products()
    step = block("job_types", 2, Product=Product)["ExportProducts"]
    execution = run(steps=[step])
    lines = file_of(execution).decode().splitlines()
    assert lines == ["sku,name", *(f"SKU-{number:04}," for number in range(8))]
    assert execution.all_steps.filter(part__gt=0).count() == (4 if many == "2" else 0)


def test_a_job_type_is_limited_by_three_attributes():
    job_type = block("job_types", 3, JobType=JobType, register=register)["PriceImport"]
    registry.unregister(job_type)
    assert list(checks._check_limit(job_type())) == []


def test_the_test_of_a_host_passes():
    first = next(text for text in blocks_of(README) if "@register" in text)
    names = {"__name__": "pasted.job_types"}
    exec(compile(first, "README.md", "exec"), names)
    block("job_types", 4)["test_everybody_is_greeted"](None)
    registry.unregister(names["GreetEverybody"])


def test_rows_of_a_file_are_read_in_a_loop(run):
    saved = []
    read = code("files", 0, save_product=lambda *product: saved.append(product))
    execution = run(b"sku;name\n1;One\n2\n", run=read)
    assert (saved, execution.warning_count) == ([("1", "One")], 1)


def test_rows_are_marked_and_divided():
    rows = csv_rows("sku\n1\n2\n3\n4\n5\n")
    next(iter(rows))
    names = block("files", 1, rows=rows)
    assert [row["sku"] for row in rows.after(names["mark"])] == ["2", "3", "4", "5"]
    assert [row["sku"] for row in rows.slice(names["parts"][2])] == ["3"]


def test_rejects_are_written_by_hand(run):
    rows = csv_rows("sku,name\nlamp-7,Lamp\n")
    execution = run(run=code("files", 2, rows=rows))
    assert execution.files.get(role="output").name == "products-rejects.csv"
    assert file_of(execution) == b"#row,#reasons,sku,name\r\n1,No such family.,lamp-7,Lamp\r\n"


def test_rows_are_written_to_a_file(run):
    execution = run(run=code("files", 3, rows=csv_rows("sku\n1\n")))
    assert file_of(execution) == b"sku,name\r\nlamp-7,Lamp\r\n1,\r\n"


def test_prices_are_raised_from_model_to_model(run):
    products(3)
    step = block("models", 0, Product=Product)["RaisePrices"]
    execution = run(steps=[step])
    assert execution.steps.get().counts == {"read": 3, "updated": 2, "unchanged": 1}
    assert Product.objects.get(sku="SKU-0002").price == 4


def test_a_queryset_is_marked_and_divided():
    products(8)
    names = block("models", 1, Product=Product)
    assert (names["source"].mark, names["value"]) == ("SKU-0007", ["SKU-0005", None])


def test_an_upsert_tells_what_it_did():
    Product.objects.create(sku="1", name="Old")
    family = Family.objects.create(code="lamps", name="Lamps")
    counted = {}
    context = type("Context", (), {"count": lambda self, name, by: counted.update({name: by})})()
    result = block("models", 2, Product=Product, family=family, context=context)["result"]
    assert result.outcomes == ["updated", "created"]
    assert result.counts == {"created": 1, "updated": 1, "unchanged": 0}
    assert counted == {"created": 1, "updated": 1}
    assert Product.objects.get(pk=result.pks[0]).price == Decimal("12.50")


def test_a_policy_of_the_host_lists_the_operations_of_a_team(settings, monkeypatch):
    names = block("permissions", 0)
    module = ModuleType("pim.permissions")
    module.TeamPolicy = names["TeamPolicy"]
    monkeypatch.setitem(sys.modules, "pim.permissions", module)
    settings.AKENEO_JOBS = names["AKENEO_JOBS"]
    mate, other, user = UserFactory.create_batch(3)
    for one in (user, mate):
        one.groups.add(Group.objects.get_or_create(name="team")[0])
    of_mate, _ = JobExecutionFactory(user=mate), JobExecutionFactory(user=other)
    assert list(JobExecution.objects.listed_for(user)) == [of_mate]
    assert not JobExecution.objects.listed_for(AnonymousUser()).exists()


def test_the_options_for_sqlite_let_processes_wait_for_each_other(tmp_path):
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "db.sqlite3"}
    databases = block("settings", 0, DATABASES={"default": database})["DATABASES"]
    connection = ConnectionHandler(databases)["default"]
    with connection.cursor() as cursor:
        pragmas = ("journal_mode", "synchronous", "busy_timeout")
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    connection.close()
    assert (found, connection.transaction_mode) == (["wal", 1, 20_000], "IMMEDIATE")
