"""Tables of the documentation are held to the code that they prove."""

from datetime import date

import pytest

import proofs
from benchmarks.__main__ import NOUNS
from proofs import pages, stamps
from proofs.__main__ import main
from proofs.ages import NEVER, age
from proofs.declared import CHAOS, PACKAGE, PROOFS, UNPROVED, Proof
from proofs.fingerprint import fingerprint
from proofs.measurement import Measurement
from proofs.modules import NoSuchModule, find
from proofs.pages import NoSuchTable

CODE = '''"""A module."""

from os import path

LIMIT = 3  # as many


class Full(Exception):
    """It is full."""


def add(items, item):
    """Add an item."""
    import sys

    if len(items) >= LIMIT:
        raise Full(f"{sys.maxsize:>{LIMIT}} {{at most}} {path.sep!r}" " é")
    return [*items, item]
'''
PAGE = """# A page

<!-- proof: toy -->

| work | seconds |
|---|---|
| old | 1 |

<!-- end of proof -->

Its end.
"""
TABLE = "| work | seconds |\n|---|---|\n| new | 2 |"


@pytest.fixture
def toy(tmp_path):
    """A table that proves one module."""
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "adding.py").write_text(CODE)
    return Proof(
        name="toy",
        page=str(tmp_path / "page.md"),
        command="make toy",
        rewrite="make toy TOY_ARGS=--write",
        modules=(),
        means=(f"{tmp_path}/code/",),
    )


@pytest.fixture
def of_code(tmp_path):
    """Return the fingerprint of some modules by their text."""

    def of(*sources):
        paths = [tmp_path / f"{number}.py" for number in range(len(sources))]
        for path, source in zip(paths, sources, strict=True):
            path.write_text(source, encoding="utf-8")
        return fingerprint(paths)

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from os import path", "from posix import (\n    path,\n    walk,\n)"),
        ("    import sys\n", ""),
        ("  # as many", ""),
        ("Add an item.", "Add something."),
        ('    """Add an item."""\n', ""),
        ("return [*items, item]", "return [\n        *items,\n        item,\n    ]"),
    ],
)
def test_imports_comments_docstrings_and_formatting_leave_no_trace(of_code, old, new):
    assert old in CODE
    assert of_code(CODE.replace(old, new)) == of_code(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = '3'"),
        (">=", ">"),
        ("at most", "at least"),
        ("[*items, item]", "[item, *items]"),
        ("    return [*items, item]\n", "    return None\n"),
        ("    return [*items, item]\n", ""),
        ("def add(items, item)", "def add(items, item=None)"),
        ("!r", ""),
    ],
)
def test_every_other_change_does(of_code, old, new):
    assert old in CODE
    assert of_code(CODE.replace(old, new)) != of_code(CODE)


def test_a_moved_module_keeps_the_fingerprint(tmp_path):
    (tmp_path / "adding.py").write_text(CODE)
    before = fingerprint(find(tmp_path, ["adding"]))
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "__init__.py").write_text('"""Sums."""\n\nfrom .plus import add\n')
    (tmp_path / "adding.py").rename(tmp_path / "sums" / "plus.py")
    assert fingerprint(find(tmp_path, ["sums/"])) == before


def test_a_module_that_went_away_changes_it(of_code):
    assert of_code(CODE, "LIMIT = 3") != of_code(CODE)


def test_every_python_finds_the_same_fingerprint(of_code):
    assert of_code(CODE) == "947056c05f"


@pytest.mark.parametrize("name", ["gone", "gone/"])
def test_a_declared_module_that_is_not_there_is_an_error(tmp_path, name):
    with pytest.raises(NoSuchModule, match=f"There is no module .*{name} any more"):
        find(tmp_path, [name])


def test_a_written_table_stands_in_its_place_with_its_stamp(toy):
    Measurement(toy).write(TABLE, "3 rounds", "2 cores.")
    before, after = PAGE[: PAGE.index("| work")], PAGE[PAGE.index("\n<!-- end") :]
    today = stamps.date_in_words(date.today())
    stamp = f"`make toy`, 3 rounds, {today}, code `{toy.code()}`.\n2 cores."
    assert toy.path.read_text() == f"{before}{TABLE}\n\n{stamp}\n{after}"


@pytest.mark.parametrize("details", ["", "seed 1", "30,000 rows, 3 rounds"])
def test_a_stamp_is_read_as_it_was_written(details):
    stamp = stamps.Stamp("28 November 2026", "3f9c2a1b77")
    assert stamps.find(f"{TABLE}\n\n{stamp.line('make bench', details)}\n2 cores.") == stamp


def test_a_measurement_is_of_the_code_with_which_it_began(toy, tmp_path):
    measurement = Measurement(toy)
    (tmp_path / "code" / "adding.py").write_text("LIMIT = 4")
    measurement.write(TABLE)
    assert "has changed since" in age(toy)


def test_a_measurement_does_not_begin_without_a_place_for_its_table(toy):
    toy.path.write_text(PAGE.replace("end of proof", "end"))
    with pytest.raises(NoSuchTable, match="page.md needs one place between <!-- proof: toy -->"):
        Measurement(toy)


def test_a_table_of_two_places_is_an_error(toy):
    toy.path.write_text(PAGE + PAGE)
    with pytest.raises(NoSuchTable):
        pages.read(toy.path, "toy")


def test_a_table_without_a_stamp_is_old(toy, capsys):
    assert main([], {"toy": toy}) == 0
    printed = capsys.readouterr().out
    assert "1 of 1" in printed
    assert f"page.md, toy: {NEVER}; make toy TOY_ARGS=--write\n" in printed


def test_a_table_is_old_as_soon_as_its_code_has_changed(toy, tmp_path, capsys):
    Measurement(toy).write(TABLE)
    assert main([], {"toy": toy}) == 0
    assert capsys.readouterr().out == "Every table proves the code as it is.\n"
    (tmp_path / "code" / "adding.py").write_text(CODE.replace("LIMIT = 3", "LIMIT = 4"))
    main([], {"toy": toy})
    assert "toy: its code has changed since" in capsys.readouterr().out


def test_only_the_strict_list_fails(toy):
    assert main(["--strict"], {"toy": toy}) == 1
    assert main([], {"toy": toy}) == 0
    Measurement(toy).write(TABLE)
    assert main(["--strict"], {"toy": toy}) == 0


@pytest.mark.parametrize("name", PROOFS)
def test_a_declared_table_has_its_code_and_its_place(name):
    measurement = proofs.begin(name)
    assert measurement.proof.name == name
    assert len(measurement.code) == 10


def test_every_comparison_has_a_table():
    assert set(NOUNS) <= set(PROOFS)


def test_every_module_is_proved_by_the_drill_or_said_not_to_be():
    proved, unproved = find(PACKAGE, CHAOS.modules), find(PACKAGE, UNPROVED)
    assert {str(path) for path in set(PACKAGE.rglob("*.py")) - proved - unproved} == set()
    assert proved & unproved == set()
