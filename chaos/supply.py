"""A file with faulty rows, and what an import of it must leave behind."""

import csv
import io
from dataclasses import dataclass, field

ROWS = 8_000
FAULTS = (300, 60, 40)  # rows whose price is none, whose number is missing, that are cut off
CAUSES = (
    "… is no price.",
    "The number is missing.",
    "The row has … cells, the header has ….",
)


@dataclass
class Supply:
    """A CSV file and its faults; positions count from 1."""

    content: bytes = b""
    good: list = field(default_factory=list)  # positions, each its row's number
    faults: dict = field(default_factory=dict)  # cause: positions

    @property
    def count(self):
        return len(self.good) + self.fault_count

    @property
    def fault_count(self):
        return sum(map(len, self.faults.values()))


def make_supply(rng, rows=ROWS):
    """Make a file with faulty rows at places that the generator chooses."""
    counts = [count * rows // ROWS for count in FAULTS]
    bad = rng.sample(range(1, rows + 1), sum(counts))
    supply = Supply()
    for cause, count in zip(CAUSES, counts, strict=True):
        supply.faults[cause] = sorted(bad[:count])
        del bad[:count]
    cause_at = {at: cause for cause, places in supply.faults.items() for at in places}
    supply.good = [position for position in range(1, rows + 1) if position not in cause_at]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "name", "price"])
    for position in range(1, rows + 1):
        writer.writerow(_row(position, cause_at.get(position)))
    supply.content = text.getvalue().encode()
    return supply


def _row(position, cause):
    row = [position, f"Row {position}", f"{position % 100}.50"]
    if cause == CAUSES[0]:
        row[2] = f"abc {position}"
    elif cause == CAUSES[1]:
        row[0] = ""
    elif cause == CAUSES[2]:
        row.pop()
    return row
