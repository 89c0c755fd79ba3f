"""What docs/ lists is what there is: settings, attributes, routes, options, arrows, figures."""

import ast
import inspect
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.core.management.base import BaseCommand
from django.template import engines

from akeneo_jobs import ItemStep, JobType, filters, io, rejects, retention, statuses
from akeneo_jobs.api import pagination, urls
from akeneo_jobs.conf import DEFAULTS
from akeneo_jobs.context import StepContext
from akeneo_jobs.io import archives, compressed
from akeneo_jobs.management.commands.purge_jobs import Command
from akeneo_jobs.templatetags import akeneo_jobs as tags

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
STYLESHEET = (ROOT / "akeneo_jobs/static/akeneo_jobs/akeneo_jobs.css").read_text()
TEMPLATES = ROOT / "akeneo_jobs/templates/akeneo_jobs"


def page(name):
    return (ROOT / "docs" / f"{name}.md").read_text()


def first_cells(text, header):
    """Return the first cell of each row of the table under a header."""
    table = text[text.index(f"\n| {header} |") + 1 :].split("\n\n")[0].splitlines()
    return [line.split(" | ")[0].removeprefix("| ") for line in table[2:]]


def names_in(cells):
    return [name for cell in cells for name in re.findall(r"`([\w-]+)", cell)]


def between(text, start, end):
    start = text.index(start)
    return text[start : text.index(end, start)]


def test_every_setting_has_the_default_that_is_written_there():
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \|", page("settings"), re.M)
    assert {name: ast.literal_eval(value) for name, value in rows} == DEFAULTS


def test_every_attribute_of_a_job_type_is_told():
    text = page("job_types")
    told = names_in(first_cells(text, "attribute"))
    told += names_in(first_cells(between(text, "## One at a time", "## Hooks"), "attribute"))
    hooks = names_in(re.findall(r"`\w+\(execution\)`", between(text, "## Hooks", "## Tests")))
    public = {name for name in vars(JobType) if not name.startswith("_")}
    assert set(told) | set(hooks) == public - {"get_steps"} | {"unique_key"}


def test_the_context_has_what_is_told_of_it():
    told = names_in(first_cells(page("job_types"), "what"))
    attributes = {*dir(StepContext), "parameters", "user", "execution", "log"}
    assert {"track", "warn", "commit", "checkpoint"} <= set(told) <= attributes


def test_the_exceptions_that_cost_an_item_are_told():
    text = between(page("job_types"), "**Refuse.**", "The\nitem counts")
    assert names_in([text])[3:] == [error.__name__ for error in ItemStep.skips]
    assert ItemStep.chunk_size == 500


@pytest.mark.parametrize("name", ["files", "models"])
def test_what_reads_and_writes_is_called_as_written_there(name):
    calls = re.findall(r"`((?:[Rr]ead|[Uu]psert|\w*Writer)\w*)\((\w.*?)\)`", page(name))
    assert calls
    for function, arguments in calls:
        written = ast.parse(f"def f({arguments}): ...").body[0].args
        found = str(inspect.signature(getattr(io, function)))
        assert ast.dump(written) == ast.dump(ast.parse(f"def f{found}: ...").body[0].args)


def test_every_route_of_the_api_is_told():
    paths = set(re.findall(r"`([a-z/{}-]+/)`", between(page("api"), "| path |", "Filters of")))
    acts = {f"executions/{{id}}/{path}" for path in ("pause/", "resume/")}
    told = {re.sub(r"{\w+}", "{}", path) for path in paths - {"pause/", "resume/"} | acts}
    routes = {re.sub(r"<[^>]+>", "{}", str(url.pattern)) for url in urls.urlpatterns}
    assert told == routes


def test_every_filter_and_order_of_executions_is_told():
    text = between(page("api"), "Filters of", "\n\n")
    names = {*filters.JobExecutionFilterSet.base_filters, *filters.ORDERINGS}
    assert set(names_in([text])) - {"executions", "-"} == names
    assert f"`page_size` goes up to {pagination.MOST}." in page("api")


def test_every_option_of_the_purge_is_told():
    parser = Command().create_parser("manage.py", "purge_jobs")
    of_all = BaseCommand().create_parser("manage.py", "any")
    own = {*parser._option_string_actions} - {*of_all._option_string_actions}
    told = set(re.findall(r"`(--[a-z-]+)", between(page("retention"), "| option |", "\n\n")))
    assert told == own
    assert retention.BATCH_SIZE == 500


def test_every_status_is_told_and_every_arrow_is_drawn():
    told = between(page("glossary"), "Statuses:", ".\n")
    assert set(re.findall(r"\*(\w+)\*", told)) == set(statuses.Status.values)
    drawn = between(page("architecture"), "    starting ─start", "Level (the colour)")
    assert all(verb in drawn for verb in statuses.TRANSITIONS)
    for start, verb, end in re.findall(r"(?=\b([a-z]+) ─+(\w+)─+▶ ([a-z]+))", drawn):
        origins, target = statuses.TRANSITIONS[verb]
        assert start in origins
        assert end == target


def test_every_tag_that_is_told_is_there():
    text = between(page("templates"), "| tag |", "## One by one")
    told = dict(re.findall(r"`{% (\w+) ?([\w=]*) %}`", text))
    assert {"last_operations": "limit=10", "process_tracker": "limit=10"}.items() <= told.items()
    library = set(tags.register.tags)
    assert set(told) == library - {"sort_header", "pages", "profile_menu", "can_stop"}


def test_every_template_that_is_told_is_there():
    text = between(page("templates"), "## One by one", "## Colours")
    atoms = names_in([between(text, "`badge`", ";")])
    assert set(atoms) == {path.stem for path in (TEMPLATES / "atoms").glob("*.html")}
    told = set(names_in([text])) - {"akeneo_jobs", "atoms", "includes", *atoms}
    assert told <= {path.stem for path in (TEMPLATES / "includes").glob("*.html")}


def test_a_layout_of_the_host_shows_the_head_and_the_messages():
    source = between(page("templates"), "{% load akeneo_jobs %}", "```")
    shown = engines["django"].from_string(source).render({"messages": ["Hello"]})
    assert "akeneo_jobs.css" in shown
    assert "Hello" in shown
    blocks = re.findall(r"{% block (\w+)", (TEMPLATES / "base.html").read_text())
    assert blocks == ["title", "head", "content"]


def test_every_colour_that_is_told_is_a_property_of_the_stylesheet():
    text = between(page("templates"), "## Colours", "**Dark**")
    there_are = set(re.findall(r"^  (--akj-[a-z-]+):", STYLESHEET, re.M))
    told = set(re.findall(r"--akj-[a-z-]+", text))
    levels = {f"--akj-{level}{part}" for level in statuses.Level for part in ("", "-soft", "-bar")}
    assert told | levels <= there_are


def test_every_class_begins_with_akj():
    source = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    plain = re.sub(r"{[%{].*?[%}]}", " ", source)
    used = {name for names in re.findall(r'class="([^"]*)"', plain) for name in names.split()}
    rules = re.sub(r"/\*.*?\*/|{[^{}]*}", " ", STYLESHEET, flags=re.S)
    styled = set(re.findall(r"\.([A-Za-z][\w-]*)", rules))
    assert used
    assert {name for name in used | styled if not name.startswith("akj")} == set()


def test_every_link_between_the_pages_leads_to_a_heading():
    headings = {}
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        lines = re.findall(r"^#+ (.*)", path.read_text(), re.M)
        names = [re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines]
        headings[path] = {"", *names}
    for path in headings:
        for link, anchor in re.findall(r"\]\(([\w./]*\.md)?#?([\w-]*)\)", path.read_text()):
            target = (path.parent / link).resolve() if link else path
            assert anchor in headings[target], f"{path.name}: {link}#{anchor}"


def test_every_target_of_make_is_there():
    targets = re.findall(r"^    make ([a-z-]+)", README, re.M)
    makefile = (ROOT / "Makefile").read_text()
    assert "demo" in targets
    assert [name for name in targets if f"\n{name}: " not in makefile] == []


def test_the_versions_that_are_told_are_those_of_the_package():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    classifiers, required = setup["metadata"]["classifiers"], setup["options"]["install_requires"]
    line = re.search(r"^Python .*", README, re.M).group()
    first, last, *djangos = re.findall(r"\b\d\.\d+", line.partition(", rq ")[0])
    pythons = re.findall(r"Python :: (3\.\d+)", classifiers)
    assert (pythons[0], pythons[-1]) == (first, last)
    assert re.findall(r"Django :: (\d\.\d)", classifiers) == djangos
    assert all(text in line for text in ("rq 3,", "django-rq 4.2"))
    assert "\nrq>=3.0,<4\ndjango-rq>=4.2,<5\n" in required


def test_figures_are_those_of_the_code():
    assert 4 * archives.SIZE_LIMIT == compressed.UNPACKED_LIMIT == 4 * 1024**3
    assert "more than 4 GB is refused, a workbook at 1 GB" in page("files")
    assert f"up to {rejects.ROWS_TOGETHER:,} rows" in " ".join(page("architecture").split())
    assert DEFAULTS["DEAD_AFTER"] + DEFAULTS["UPKEEP_INTERVAL"] < 30  # "half a minute"


def test_the_example_has_the_modules_that_are_told():
    text = between(page("job_types"), "`example_project/catalog` has", "\n\n")
    names = re.findall(r"`(\w+\.py)`", text)
    assert names
    assert [n for n in names if not (ROOT / "example_project/catalog" / n).exists()] == []
