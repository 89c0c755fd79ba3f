"""What `make bench` does at length, with a few rows: it runs, and both sides come to the same."""

from importlib import import_module

import pytest
from django.db import connection

from benchmarks import purge
from benchmarks.__main__ import NOUNS
from benchmarks.measure import Ratio, Size, Unequal, Way, alternate

ROWS = 300


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("noun", NOUNS)
def test_both_sides_of_a_comparison_come_to_the_same(noun, tmp_path):
    for package in ("import_export", "openpyxl", "tqdm"):
        pytest.importorskip(package, reason=f"{package} is not installed.")
    ratios = list(import_module(f"benchmarks.{noun}").compare(Size(tmp_path, ROWS, rounds=1)))
    assert ratios
    assert all(len(ratio.pairs) == 1 for ratio in ratios)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_purge_that_is_measured_removes_all_that_was_filled_in():
    if connection.vendor != "postgresql":
        pytest.skip("It is measured on a PostgreSQL.")
    assert purge.purged(3).startswith("| 3 | 9 | ")


@pytest.mark.parametrize(
    ("changed", "details"),
    [
        ({}, ""),
        ({"rounds": 1}, "200,000 rows, 1 round"),
        ({"rows": 300, "rounds": 3}, "300 rows, 3 rounds"),
    ],
)
def test_a_size_says_what_is_not_as_usual(changed, details, tmp_path):
    assert Size(tmp_path, **changed).details == details


def test_ways_that_come_to_different_results_end_the_benchmark():
    ours = Way("ours", list, lambda: [1, 2])
    theirs = Way("theirs", list, lambda: [1])
    with pytest.raises(Unequal, match="Row 2: ours has 2, theirs has None"):
        alternate(ours, theirs, rounds=1)


def test_a_way_may_measure_for_itself_and_the_warm_up_does_not_count():
    values = iter([100, 1, 2])
    (taken,) = alternate(Way("ours", lambda: next(values), list), rounds=2)
    assert taken == [1, 2]


@pytest.mark.parametrize(
    ("bound", "value", "is_met"),
    [
        ({"at_most": 0.5}, 0.5, True),
        ({"at_most": 0.4}, 0.5, False),
        ({"at_least": 2}, 2, True),
        ({"at_least": 3}, 2, False),
    ],
)
def test_a_ratio_compares_the_median_of_its_pairs_with_its_bound(bound, value, is_met):
    ratio = Ratio("work", "other", [1, 2, 3], [2, 4, 100], **bound)
    assert (ratio.value, ratio.is_met) == (value, is_met)
