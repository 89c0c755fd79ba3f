import pytest

from akeneo_jobs.io import read_csv
from example_project.catalog.models import Category

from .tables import counts, failure, real_file, run_on, table, warnings

pytestmark = pytest.mark.django_db
COLUMNS = ["code", "parent", "label-en_US"]
OPTIONS = {"csv": {"delimiter": ";"}, "xlsx": {}}


@pytest.fixture(params=["csv", "xlsx"])
def kind(request):
    return request.param


def import_rows(kind, *rows, columns=COLUMNS):
    content = table(kind, columns, *rows, **OPTIONS[kind])
    return run_on(f"{kind}_category_import", content)


def tree():
    return dict(Category.objects.values_list("code", "parent__code"))


def reasons(execution):
    return {warning.position: warning.code for warning in warnings(execution)}


def test_the_order_of_rows_does_not_matter(kind):
    execution = import_rows(kind, ["c", "b", "C"], ["b", "a", "B"], ["a", "", "A"])
    assert counts(execution) == {"created": 3}
    assert tree() == {"a": None, "b": "a", "c": "b"}


def test_the_same_rows_again_change_nothing(kind):
    rows = [["b", "a", "B"], ["a", "", "A"], ["c", "lost", "C"]]
    first, second = import_rows(kind, *rows), import_rows(kind, *rows)
    assert counts(second) == {"unchanged": 2, "skipped": 1}
    assert reasons(first) == reasons(second) == {3: "parent"}


def test_each_row_that_cannot_be_placed_is_one_warning():
    execution = import_rows(
        "csv",
        ["child", "nameless", "Below a row that cannot be placed"],
        ["nameless", "", ""],
        ["lost", "nowhere", "Lost"],
        ["", "", "No code"],
        ["one two", "", "No such code"],
        ["good", "", "Good"],
        ["good", "", "Again"],
        ["long", "", "x" * 256],
    )
    assert reasons(execution) == {
        1: "parent",
        2: "missing",
        3: "parent",
        4: "missing",
        5: "invalid",
        7: "duplicate",
        8: "too_long",
    }
    assert tree() == {"good": None}
    lost = warnings(execution)[2]
    assert lost.item["code"] == "lost"
    assert lost.reason == "Its parent “nowhere” is neither in the file nor in the catalog."


def test_a_circle_is_a_warning_on_each_of_its_rows_and_on_those_below():
    execution = import_rows(
        "csv", ["a", "b", "A"], ["b", "a", "B"], ["below", "a", "Below"], ["self", "self", "S"]
    )
    assert reasons(execution) == {1: "circle", 2: "circle", 3: "parent", 4: "circle"}
    assert tree() == {}


def test_two_categories_change_places():
    import_rows("csv", ["a", "", "A"], ["b", "a", "B"])
    execution = import_rows("csv", ["a", "b", "A"], ["b", "", "B"])
    assert counts(execution) == {"updated": 2}
    assert tree() == {"a": "b", "b": None}


def test_a_move_below_itself_through_the_catalog_is_a_circle():
    import_rows("csv", ["a", "", "A"], ["b", "a", "B"], ["c", "b", "C"])
    execution = import_rows("csv", ["a", "c", "A"])
    assert reasons(execution) == {1: "circle"}
    assert tree() == {"a": None, "b": "a", "c": "b"}


def test_a_parent_may_be_in_the_catalog_only():
    Category.objects.create(code="a", name="A")
    assert counts(import_rows("csv", ["b", "a", "B"])) == {"created": 1}


def test_without_a_parent_column_categories_stay_where_they_are():
    import_rows("csv", ["a", "", "A"], ["b", "a", "B"])
    execution = import_rows("csv", ["b", "New"], columns=["code", "name"])
    assert counts(execution) == {"updated": 1}
    assert tree() == {"a": None, "b": "a"}


@pytest.mark.parametrize("label", ["name", "label", "label-fr_FR"])
def test_the_name_stands_in_a_column_of_several_names(label):
    import_rows("csv", ["a", "A"], columns=["code", label])
    assert Category.objects.get().name == "A"


def test_english_comes_before_other_languages():
    import_rows("csv", ["a", "Un", "One"], columns=["code", "label-fr_FR", "label-en_US"])
    assert Category.objects.get().name == "One"


@pytest.mark.parametrize(("column", "missing"), [("code", "name"), ("name", "code")])
def test_a_missing_column_fails_the_job(kind, column, missing):
    execution = import_rows(kind, ["x"], columns=[column])
    assert execution.status == "failed"
    assert f"Missing column: {missing}." in failure(execution)


def test_the_wrong_delimiter_fails_the_job_with_a_hint():
    content = table("csv", COLUMNS, ["a", "", "A"])
    execution = run_on("csv_category_import", content)
    assert "Is the delimiter right?" in failure(execution)


def unplaced(rows):
    """Find the positions of what cannot be placed: nameless, or without a way to the top."""
    named = {row["code"]: row["parent"] for row in rows if row["label-en_US"]}

    def reaches_the_top(code):
        while code in named:
            code = named[code]
        return code == ""

    return [row.position for row in rows if not reaches_the_top(row["code"])]


def test_the_real_tree_is_complete_but_for_what_has_no_place(tmp_path):
    path = tmp_path / "categories.csv"
    path.write_bytes(real_file("categories_bestbuy.csv"))
    with path.open("rb") as file:
        rows = read_csv(file, delimiter=";")
        expected = unplaced(rows)
        workbook = table("xlsx", rows.columns, *(row.values() for row in rows))
    first = run_on("csv_category_import", path.read_bytes())
    assert [warning.position for warning in warnings(first)] == expected
    assert counts(first) == {"created": 4584 - len(expected), "skipped": len(expected)}
    second = run_on("xlsx_category_import", workbook)
    assert counts(second) == {"unchanged": 4584 - len(expected), "skipped": len(expected)}
    assert reasons(second) == reasons(first)
