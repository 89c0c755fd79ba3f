"""Time two ways to do the same, turn about, and compare their medians."""

import time
from dataclasses import dataclass
from statistics import median

ROUNDS = 7


@dataclass
class Ratio:
    """One row of the table: how many times the other's time it took."""

    work: str
    against: str
    bound: str
    ours: list
    theirs: list

    @property
    def value(self):
        return median(self.ours) / median(self.theirs)

    def __str__(self):
        seconds = f"{median(self.ours):.2f} / {median(self.theirs):.2f}"
        return f"| {self.work} | {self.against} | {self.bound} | {self.value:.3f} | {seconds} |"


def alternate(ours, theirs, reset, rounds=ROUNDS):
    """Return the seconds of each round of both, the order changing from round to round."""
    times = {ours: [], theirs: []}
    for number in range(rounds + 1):
        for way in (ours, theirs) if number % 2 else (theirs, ours):
            reset()
            started = time.perf_counter()
            way()
            if number:  # The first round warms up.
                times[way].append(time.perf_counter() - started)
    return times[ours], times[theirs]
