"""Time ways to do the same, turn about, and compare them pair by pair."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from statistics import median

ROWS = 200_000
ROUNDS = 5
HEAD = (
    "| work | against | bound | measured | met | ours / theirs | single pairs |\n"
    "|---|---|---|---|---|---|---|"
)


class Unequal(Exception):
    """Two ways that must do the same did not."""


@dataclass(frozen=True)
class Size:
    """How much a comparison does, and where it keeps its files."""

    directory: Path
    rows: int = ROWS
    rounds: int = ROUNDS

    @property
    def details(self):
        """Say what is not as usual."""
        if (self.rows, self.rounds) == (ROWS, ROUNDS):
            return ""
        return f"{self.rows:,} rows, {self.rounds} {'round' if self.rounds == 1 else 'rounds'}"


@dataclass(frozen=True)
class Way:
    """One way to do the work: made ready, run, and asked what came out, row by row.

    `run` may return what it measured itself; where it returns None, its seconds count.
    """

    name: str
    run: Callable
    result: Callable
    prepare: Callable = lambda: None


@dataclass(frozen=True)
class Ratio:
    """One row of the table: what the ways took in each round, and which ratio is wanted."""

    work: str
    against: str
    ours: list
    theirs: list
    at_most: float | None = None  # times theirs
    at_least: float | None = None  # times as fast as theirs
    unit: str = "s"

    @property
    def pairs(self):
        pairs = zip(self.ours, self.theirs, strict=True)
        if self.at_least:
            return [theirs / ours for ours, theirs in pairs]
        return [ours / theirs for ours, theirs in pairs]

    @property
    def value(self):
        return median(self.pairs)

    @property
    def is_met(self):
        return self.value >= self.at_least if self.at_least else self.value <= self.at_most

    def __str__(self):
        bound = f"≥ {self.at_least} × as fast" if self.at_least else f"≤ {self.at_most} ×"
        cells = [
            *(self.work, self.against, bound, f"{self.value:.2f}", "yes" if self.is_met else "no"),
            f"{median(self.ours):.3g} / {median(self.theirs):.3g} {self.unit}",
            f"{min(self.pairs):.2f}–{max(self.pairs):.2f}",
        ]
        return f"| {' | '.join(cells)} |"


def alternate(*ways, rounds=ROUNDS):
    """Return what each way took in each round; another way begins each round.

    A round before them warms up. Raises `Unequal` where the ways come to different results.
    """
    times = {way.name: [] for way in ways}
    for number in range(rounds + 1):
        first = number % len(ways)
        results = {}
        for way in (*ways[first:], *ways[:first]):
            taken = _timed(way)
            results[way.name] = list(way.result())
            if number:
                times[way.name].append(taken)
        (name, expected), *others = results.items()
        for other, found in others:
            require_equal(name, expected, other, found)
    return times.values()


def require_equal(name, expected, other, found):
    """Raise `Unequal` at the first row that is not the same in two results."""
    for position, pair in enumerate(zip_longest(expected, found), start=1):
        if pair[0] != pair[1]:
            raise Unequal(f"Row {position}: {name} has {pair[0]!r}, {other} has {pair[1]!r}.")


def _timed(way):
    way.prepare()
    gc.collect()
    gc.freeze()  # What is kept from the ways before costs this one nothing.
    started = time.perf_counter()
    measured = way.run()
    taken = time.perf_counter() - started
    gc.unfreeze()
    return taken if measured is None else measured
