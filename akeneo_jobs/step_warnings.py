"""The warnings of a step: counted exactly, kept as rows up to a limit, all of them in a file."""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext as _

from akeneo_jobs.conf import conf
from akeneo_jobs.models import RejectedRows, StepWarning, WarningGroup
from akeneo_jobs.rejects import RejectStore
from akeneo_jobs.warning_file import WarningFile

# What differs from item to item: something quoted, a number.
VARIABLE = re.compile(r"“[^”]*”|«[^»]*»|\"[^\"]*\"|'[^']*'|\d+(?:[.,]\d+)*")
ROWS_PER_INSERT = 500
REJECTS_PER_INSERT = 10
TOLD_APART = {
    StepWarning: ["group", "position", "reason"],
    RejectedRows: ["first_row", "last_row", "count"],
}


class Warned(NamedTuple):
    """An item that went wrong, as long as nobody knows whether it is kept as a row."""

    reason: str
    code: str = ""
    position: int | None = None
    field: str = ""
    item: dict | None = None
    item_label: str = ""
    item_url: str = ""


@dataclass
class Batch:
    """What waits to be written: new rows, the groups that have changed, and rejects."""

    rows: list = field(default_factory=list)
    groups: list = field(default_factory=list)
    rejects: list = field(default_factory=list)

    def write(self):
        if self.rejects:
            RejectedRows.objects.bulk_create(_unwritten(self.rejects), REJECTS_PER_INSERT)
        if not self.groups:
            return  # Each row belongs to a group.
        StepWarning.objects.bulk_create(_unwritten(self.rows), ROWS_PER_INSERT)
        WarningGroup.objects.bulk_create(
            self.groups,
            update_conflicts=True,
            unique_fields=["step", "key"],
            update_fields=["count", "kept", "first_position", "last_position"],
        )


class WarningStore:
    """The warnings of one step, taken from the job's thread and written by the beat's."""

    def __init__(self, step, limit, sharers=1):
        """Keep up to `limit` warnings as rows; so many sharers share what is kept per cause."""
        self.step = step
        self.limit = limit
        self.limit_per_cause = max(1, conf.WARNINGS_KEPT_PER_CAUSE // sharers)
        self._rows = []
        self._changed = set()
        self._rejects = RejectStore(step)
        self._is_joined = False  # Its file has what the parts of the step have warned.
        self._lock = threading.Lock()
        self._load(step)
        self._file = WarningFile(step, self._own_count)

    def add(self, warning):
        """Count a `Warned`, and keep it as a row while there is room."""
        self._file.add(warning)
        with self._lock:
            self.count += 1
            group = self._group_of(warning)
            group.count += 1
            _extend(group, warning.position)
            self._changed.add(group.key)
            if self._kept < self.limit and group.kept < self.limit_per_cause:
                row = StepWarning(step=self.step, group=group.key, **warning._asdict())
                self._rows.append(row)
                self._kept += 1
                group.kept += 1

    def reject(self, number, reasons, cells):
        """Keep a row of a file that was refused."""
        with self._lock:
            self._rejects.add(number, reasons, cells)

    @property
    def kept(self):
        """How many have a row."""
        return self._kept

    @property
    def is_cut(self):
        """Say whether some warnings have no row."""
        kept = sum(group.kept for group in self._groups.values())
        return self._is_joined or self.count > kept

    def take(self):
        """Return the `Batch` of what has not been written yet."""
        with self._lock:
            batch = Batch(self._rows, [_copy(self._groups[key]) for key in self._changed])
            self._rows, self._changed = [], set()
            batch.rejects = self._rejects.take()
        return batch

    def give_back(self, batch):
        """Take back a batch that could not be written."""
        with self._lock:
            self._rows[:0] = batch.rows
            self._changed |= {group.key for group in batch.groups}
            self._rejects.give_back(batch.rejects)

    def mark(self):
        """Remember that all that was added so far is written."""
        self._file.mark()

    def rollback(self, step):
        """Forget what was added since the last mark; the rows say what was before."""
        with self._lock:
            if step.warning_count == self.count:
                self.mark()  # It was written after all: only the answer was lost.
            self._load(step)
            self._rows, self._changed = [], set()
            self._rejects.forget()
            self._file.rollback()

    def state(self):
        """Return all of it that `restore` can come back to, where nothing is written meanwhile."""
        self.mark()
        groups = {key: _copy(group) for key, group in self._groups.items()}
        lengths = len(self._rows), len(self._rejects)
        return self.count, groups, self._kept, set(self._changed), lengths

    def restore(self, state):
        self.count, groups, self._kept, changed, (rows, rejects) = state
        self._groups = {key: _copy(group) for key, group in groups.items()}
        self._changed = set(changed)
        del self._rows[rows:]
        self._rejects.cut(rejects)
        self._file.rollback()

    def join(self, parts):
        """Take in what the parts of the step have warned, if the rows do not hold all of it."""
        kept = StepWarning.objects.filter(step__in=parts).count()
        if sum(part.warning_count for part in parts) > kept:
            self._file.join(parts)
            self._is_joined = True

    def save_file(self, fence):
        """Offer the complete list as a file, where the rows do not hold it."""
        if self.is_cut:
            self._file.store(fence)

    def close(self):
        self._file.close()

    @property
    def _own_count(self):
        return sum(group.count for group in self._groups.values())

    def _load(self, step):
        self._groups = {group.key: group for group in step.warning_groups.all()}
        self.count = self._own_count
        self._kept = sum(group.kept for group in self._groups.values())

    def _group_of(self, warning):
        cause = VARIABLE.sub("…", warning.reason)
        text = "\0".join((warning.code, warning.field, cause))
        key = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        if key not in self._groups and len(self._groups) >= conf.CAUSES_KEPT:
            key, cause = "", _("Other causes")
        if key not in self._groups:
            self._groups[key] = WarningGroup(
                step=self.step, key=key, cause=cause, code=warning.code, field=warning.field
            )
        return self._groups[key]


def _unwritten(rows):
    """Leave out what was written after all by a transaction whose answer was lost."""
    tried = [row for row in rows if row.pk is not None]
    if not tried:
        return rows
    model, values = type(tried[0]), ["pk", *TOLD_APART[type(tried[0])]]
    own = model.objects.filter(step=tried[0].step, pk__in=[row.pk for row in tried])
    there = set(own.values_list(*values))  # SQLite gives the key of a lost row to the next one.
    left = [row for row in rows if attrgetter(*values)(row) not in there]
    for row in left:
        row.pk, row._state.adding = None, True
    return left


def _extend(group, position):
    if position is None:
        return
    if group.first_position is None:
        group.first_position = position
    group.first_position = min(group.first_position, position)
    group.last_position = max(group.last_position or 0, position)


def _copy(group):
    """Return a row that the job's thread does not change while it is written."""
    columns = (column.attname for column in WarningGroup._meta.concrete_fields)
    return WarningGroup(**{name: getattr(group, name) for name in columns if name != "id"})
