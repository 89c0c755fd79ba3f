"""Rows as sources of every kind, and what must be found when some of them are handled.

A plan has a letter for each row:

    w  is written               n  is written, with a warning
    l  is left out silently     r  is refused when it is processed
    x  is refused by `write`    h  makes `write` raise, so that its chunk is written in halves
    f  has a wrong shape        .  is blank (these two: in files)

A row is called by its letter and its place, such as "w3".
"""

import json
from collections import Counter

from django.core.files.base import ContentFile

from akeneo_jobs.io import read_csv, read_json_lines, read_queryset, read_xlsx
from tests.files import workbook
from tests.models import Gadget

FILES = ("csv", "json lines", "xlsx")
MARKED = (*FILES, "queryset", "shrinking queryset")
PARTED = tuple(f"{kind} in parts" for kind in (*FILES, "queryset"))
KINDS = (*MARKED, "pages", "list", "generator", *PARTED)
PARTS = 3


class Pages:
    """A source of a host's own, which has a mark behind every second row only."""

    mark = None

    def __init__(self, rows):
        self._rows = rows

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return self.after(0)

    def after(self, mark):
        for number, row in enumerate(self._rows[mark:], mark + 1):
            self.mark = None if number % 2 else number
            yield row


class Supply:
    """The rows of a plan as a source of one kind, whole or in parts."""

    def __init__(self, kind, plan):
        self.kind, self.in_parts, _rest = kind.partition(" in parts")
        self.is_file, self.has_marks = self.kind in FILES, self.kind in (*MARKED, "pages")
        if not self.is_file:
            plan = plan.replace(".", "").replace("f", "r")
        self.names = [f"{letter}{place}" for place, letter in enumerate(plan, 1)]
        self.rows = [name for name in self.names if name[0] != "."]
        if self.is_file:
            self._content = CONTENTS[self.kind](self.names)
        elif self.kind.endswith("queryset"):
            Gadget.objects.all().delete()
            Gadget.objects.bulk_create(Gadget(code=name, stock=1) for name in self.rows)

    def open(self):
        """Return the source as a new process opens it."""
        return getattr(self, f"_{self.kind.replace(' ', '_')}")()

    def when_done(self, done):
        """Return what is to be found when so many rows are handled."""
        rows = self.rows[:done]
        refused = [row for row in rows if row[0] in "rxhf"]
        written = [row for row in rows if row[0] in "wn"]
        warnings = [self._warning(row) for row in rows if row[0] in "rxhfn"]
        counts = {"read": done, "skipped": len(refused), "created": len(written)}
        return {
            "written": written,
            "warnings": Counter(warnings),
            "rejects": [int(row[1:]) for row in refused] if self.is_file else [],
            "processed": done,
            "warning_count": len(warnings),
            "grouped": len(warnings),
            "counts": Counter(counts, seen=sum(row[0] not in "fh" for row in rows)),
        }

    def _warning(self, row):
        """Return the first word of a row's warning, and its position."""
        if self.is_file:
            return "The" if row[0] == "f" else row, int(row[1:])
        return row, None if row[0] == "x" else self._position(row)  # `write` has many in hand.

    def _position(self, row):
        """Return the number of a row in its part."""
        index, count = self.rows.index(row), len(self.rows)
        starts = [part * count // PARTS for part in range(PARTS)] if self.in_parts else [0]
        return index + 1 - max(start for start in starts if start <= index)

    def _csv(self):
        return read_csv(ContentFile(self._content))

    def _json_lines(self):
        return read_json_lines(ContentFile(self._content))

    def _xlsx(self):
        return read_xlsx(ContentFile(self._content))

    def _queryset(self):
        return read_queryset(Gadget.objects.all(), chunk_size=2)

    def _shrinking_queryset(self):
        return read_queryset(Gadget.objects.filter(enabled=True), chunk_size=2)

    def _pages(self):
        return Pages(self.rows)

    def _list(self):
        return self.rows

    def _generator(self):
        return iter(self.rows)


def _csv(names):
    odd = {".": "", "f": "f,f,more"}
    lines = [odd.get(name[0], f"{name},text") for name in names]
    return "\n".join(["name,text", *lines]).encode()


def _json_lines(names):
    odd = {".": "", "f": "no JSON"}
    return "\n".join(odd.get(name[0], json.dumps({"name": name})) for name in names).encode()


def _xlsx(names):
    odd = {".": [], "f": ["f", "f", "more"]}
    rows = [odd.get(name[0], [name, "text"]) for name in names]
    return workbook(["name", "text"], *rows).read()


CONTENTS = {"csv": _csv, "json lines": _json_lines, "xlsx": _xlsx}


def name_of(item):
    if isinstance(item, dict):
        return item["name"]
    return item.code if isinstance(item, Gadget) else item
