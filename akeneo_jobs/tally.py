"""The tally: what an attempt counts in memory, for the step that it is at."""

from collections import Counter
from dataclasses import dataclass, field

from akeneo_jobs.conf import conf
from akeneo_jobs.plain import clean_text, short_value


class Tally:
    """The numbers of one step, taken from the job's thread and written by the beat's."""

    def __init__(self, earlier_warnings=0):
        self.processed = 0
        self.total = None
        self.counts = {}
        self.warnings = None  # a WarningStore, once the step is known
        self.earlier_warnings = earlier_warnings  # of the other steps
        self.position = 0  # of the step; 0 before the first one
        self.began_at = None
        self.is_torn = False  # True: it counts what was rolled back, too
        self.preview = Preview()
        self.parts = None  # a queryset, of a step in parts

    @classmethod
    def of(cls, step, earlier_warnings):
        """Continue with the numbers of a step."""
        tally = cls(earlier_warnings)
        tally.take(step)
        return tally

    @classmethod
    def before(cls, execution):
        """Stay with what the row of an execution has, until an attempt comes to a step."""
        tally = cls(execution.warning_count)
        tally.take(execution)
        tally.be_at(execution.current_step, execution.step_started_at)
        return tally

    def be_at(self, position, began_at):
        self.position, self.began_at = position, began_at

    @property
    def warning_count(self):
        return self.warnings.count if self.warnings else 0

    def numbers(self):
        """Return what a step keeps of its numbers."""
        if self.parts is not None:
            return self._joined(self.parts.numbers())
        return {
            "processed": self.processed,
            "total": self.total,
            "counts": dict(self.counts),
            "warning_count": self.warning_count,
        }

    def row(self):
        """Return what the execution's row has of the step that it is at: all of it, or nothing."""
        numbers = self.numbers()
        numbers["warning_count"] += self.earlier_warnings
        return numbers | {"current_step": self.position, "step_started_at": self.began_at}

    def lead(self, parts, counts):
        """Add up the numbers of parts; `counts` are those from before the step was split."""
        self.parts, self.counts = parts, counts

    def _joined(self, numbers):
        """Add what was counted before the step was split."""
        counts = Counter(self.counts) + Counter(numbers["counts"])
        own = {"counts": dict(counts), "warning_count": self.warning_count}
        return numbers | own | {"warning_count": own["warning_count"] + numbers["warning_count"]}

    def take(self, step):
        """Take the numbers that a step has."""
        self.processed, self.total, self.counts = step.processed, step.total, dict(step.counts)

    def mark(self):
        """Remember that all that was counted so far is written."""
        self.warnings.mark()

    def rollback(self, step):
        """Forget what was counted since the last mark; the row of the step says what was before."""
        step.refresh_from_db()
        total = self.total
        self.take(step)
        self.total = total
        self.warnings.rollback(step)


class DryTally(Tally):
    """The numbers of a step in a dry run: nothing is written before its end."""

    def __init__(self, earlier_warnings=0):
        super().__init__(earlier_warnings)
        self._marked = None

    def mark(self):
        states = self.warnings.state(), self.preview.state()
        self._marked = self.processed, dict(self.counts), *states

    def rollback(self, step):
        self.processed, counts, warnings, preview = self._marked
        self.counts = dict(counts)
        self.warnings.restore(warnings)
        self.preview.restore(preview)


@dataclass
class Preview:
    """What a dry run would do to items: the first few of each outcome, in full."""

    shown: list = field(default_factory=list)

    def add(self, outcome, label, changes):
        if sum(one["outcome"] == outcome for one in self.shown) >= conf.PREVIEWS_KEPT:
            return
        shown = [
            {"field": clean_text(name), "old": short_value(old), "new": short_value(new)}
            for name, (old, new) in changes.items()
        ]
        self.shown.append(
            {
                "outcome": clean_text(outcome),
                "label": clean_text(label)[:255],
                "changes": shown,
            }
        )

    def state(self):
        return len(self.shown)

    def restore(self, state):
        del self.shown[state:]
