"""Write many rows by a natural key, telling created from updated and unchanged ones."""

from collections import Counter
from dataclasses import dataclass, field

from django.db import router, transaction

from akeneo_jobs.io.model_rows import ModelRows

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass
class Upserted:
    """What became of the items: two lists parallel to them."""

    outcomes: list = field(default_factory=list)  # "created", "updated" or "unchanged"
    pks: list = field(default_factory=list)

    @property
    def counts(self):
        """How many items had each outcome."""
        counted = Counter(self.outcomes)
        return {outcome: counted[outcome] for outcome in (CREATED, UPDATED, UNCHANGED)}


def upsert(model, items, *, key, context=None, related=None, using=None):
    """Create or update a row for each item as if one by one, in a few statements; return Upserted.

    Items are dicts of field → value, which touch no other field, or unsaved instances; `key` names
    the unique field or fields that find a row. A `context` counts the outcomes, and shows the
    changes in a dry run. `related` tells what the caller changes beside the row of an item, its
    index → field → (old, new): such an item is no unchanged one. Raises `TypeError` for a wrong
    key or field, `ValidationError` or `ValueError` for a value that cannot be, and what the
    database refuses.
    """
    store = ModelRows(model, key, using or router.db_for_write(model))
    work = _Work(store, [store.clean(item) for item in items], keeps_changes=_is_dry_run(context))
    with transaction.atomic(using=store.using):
        for wave in _waves(map(store.key_of, work.rows)):
            work.write(wave)
    work.add_related(related or {})
    if context is not None:
        _report(work, context)
    return work.result


class _Work:
    """The cleaned items of one call, and what became of each."""

    def __init__(self, store, rows, keeps_changes):
        self.store = store
        self.rows = rows  # Dicts of attname → value.
        self.result = Upserted([UNCHANGED] * len(rows), [None] * len(rows))
        self.changes = {} if keeps_changes else None  # Position → field → (old, new).

    def write(self, wave):
        """Write the items of a wave, key → position."""
        found = self.store.read(wave)
        existing = {position: found[key] for key, position in wave.items() if key in found}
        new = [position for key, position in wave.items() if key not in found]
        self._update(existing)
        for positions in _grouped(new, by=lambda position: tuple(self.rows[position])):
            self._insert(positions)

    def add_related(self, related):
        """Add what has changed beside the rows, position → field → (old, new)."""
        for position, changes in related.items():
            if self.result.outcomes[position] == UNCHANGED:
                self.result.outcomes[position] = UPDATED
            if self.changes is not None:
                self.changes.setdefault(position, {}).update(changes)

    def _update(self, existing):
        changed, names = {}, set()
        for position, current in existing.items():
            row = self.rows[position]
            self.result.pks[position] = current[0]
            if differing := self.store.differing(current, row):
                names |= differing
                changed[position] = self.store.merge(current, row)
                self._keep_changes(position, current, differing)
        if changed:
            self.store.update(list(changed.values()), names)
        for position in changed:
            self.result.outcomes[position] = UPDATED

    def _insert(self, positions):
        """Insert items that name the same fields."""
        inserted = self.store.insert([self.rows[position] for position in positions])
        for position, (pk, is_created) in zip(positions, inserted, strict=True):
            self.result.pks[position] = pk
            self.result.outcomes[position] = CREATED if is_created else UPDATED
            self._keep_changes(position, None, self.rows[position])

    def _keep_changes(self, position, current, attnames):
        if self.changes is None:
            return
        row, store = self.rows[position], self.store
        self.changes[position] = {
            store.names[attname]: (store.old_value(current, attname), row[attname])
            for attname in row
            if attname in attnames
        }


def _waves(keys):
    """Split the positions so that no wave holds a key twice: it would miss its own first write."""
    left = list(enumerate(keys))
    while left:
        wave, later = {}, []
        for position, key in left:
            if wave.setdefault(key, position) != position:
                later.append((position, key))
        yield wave
        left = later


def _grouped(positions, by):
    groups = {}
    for position in positions:
        groups.setdefault(by(position), []).append(position)
    return groups.values()


def _is_dry_run(context):
    return bool(getattr(context, "is_dry_run", False))


def _report(work, context):
    for outcome, number in work.result.counts.items():
        if number:
            context.count(outcome, number)
    for position, changes in sorted((work.changes or {}).items()):
        label = ", ".join(map(str, work.store.key_of(work.rows[position])))
        context.preview(work.result.outcomes[position], label, changes)
