"""What a report shows, put together for every door: causes, warnings, rejects, relatives."""

from dataclasses import dataclass

from akeneo_jobs import rejects, wording
from akeneo_jobs.models import JobExecution, StepWarning, WarningGroup

SHOWN_AT_ONCE = 5  # items of an outcome; a click shows the rest
REPAIRS_SHOWN = 100  # the latest ones
HEAVY = ("step__checkpoint", "step__preview", "step__slice")  # No row of a list needs them.


@dataclass
class Outcome:
    """What a dry run would do to items of one step, with the first of them in full."""

    name: str  # of a count
    count: int
    shown: list  # dicts of "label" and "changes"

    @property
    def label(self):
        return wording.outcome_label(self.name)

    @property
    def has_old(self):
        """Say whether there was something before, in any field of any item."""
        changes = [change for item in self.shown for change in item["changes"]]
        return any(change["old"] not in (None, "") for change in changes)

    @property
    def first(self):
        return self.shown[:SHOWN_AT_ONCE]

    @property
    def rest(self):
        return self.shown[SHOWN_AT_ONCE:]

    @property
    def is_cut(self):
        """Say whether there are more than are shown."""
        return self.count > len(self.shown)


def outcomes_of(step):
    """Return the `Outcome`s of a step of a dry run, in the order in which they came up."""
    names = dict.fromkeys(item["outcome"] for item in step.preview)
    return [_outcome(step, name) for name in names]


def _outcome(step, name):
    shown = [item for item in step.preview if item["outcome"] == name]
    return Outcome(name, max(len(shown), step.counts.get(name, 0)), shown)


def causes_of(execution):
    """Return a `WarningGroup` per step and cause, the most frequent first.

    Those of the parts of a step are merged; they are not to be saved.
    """
    groups = WarningGroup.objects.filter(step__execution=execution)
    merged = {}
    for group in groups.select_related("step").defer(*HEAVY):
        first = merged.setdefault((group.step.position, group.key), group)
        if first is not group:
            _merge(first, group)
    return sorted(merged.values(), key=lambda group: -group.count)


def _merge(group, other):
    group.count += other.count
    group.kept += other.kept
    firsts = group.first_position, other.first_position
    lasts = group.last_position, other.last_position
    group.first_position = min((one for one in firsts if one is not None), default=None)
    group.last_position = max((one for one in lasts if one is not None), default=None)


def warnings_of(execution, cause=""):
    """Return a queryset of the kept warnings: of one cause, named by its key, or of all."""
    rows = StepWarning.objects.filter(step__execution=execution)
    rows = rows.select_related("step").defer(*HEAVY)
    return rows.filter(group=cause.replace("\0", "")) if cause else rows


def parent_of(execution, user):
    """Return what an execution was launched from; None where the user may not view it."""
    if execution.parent_id is None:
        return None
    return JobExecution.objects.viewable_by(user).filter(pk=execution.parent_id).first()


def repairs_of(execution, user):
    """Return the repairs of an execution that the user may view, the latest first."""
    rows = JobExecution.objects.viewable_by(user).for_list().order_by("-pk")
    return list(rows.filter(parent=execution.pk, is_repair=True)[:REPAIRS_SHOWN])


@dataclass
class Rejects:
    """The rows of a file that an execution refused, and how many are still to be repaired."""

    refused: int
    left: int
    repairs: list  # executions, each with its own `rejects_left`


def rejects_of(execution, steps, repairs):
    """Return the `Rejects` of an execution; None where no row was refused."""
    left = rejects.counts_left([execution.pk, *(repair.pk for repair in repairs)])
    own = left.get(execution.pk, 0)
    if not own and not repairs:
        return None
    for repair in repairs:
        repair.rejects_left = left.get(repair.pk, 0)
    skipped = sum(step.counts.get("skipped", 0) for step in steps if step.rejects_format)
    return Rejects(max(skipped, own), own, repairs)
