"""Rejects: the rows of a file that were refused, kept until somebody has repaired them.

They are written with the chunk that they belong to, many in one compressed row: a process that dies
loses none. The file that people download is made of them, and made anew when some are repaired.
"""

import json
import logging
import tempfile
import zlib

from django.core.files.base import File
from django.db import transaction
from django.db.models import Sum

from akeneo_jobs.files import store_file
from akeneo_jobs.io import open_rejects
from akeneo_jobs.models import JobFile, RejectedRows, StepExecution, database

logger = logging.getLogger(__name__)

ROWS_TOGETHER = 1000


class RejectStore:
    """The rejects of one step that are not written yet."""

    def __init__(self, step):
        self.step = step
        self._lines = []
        self._packed = []  # given back

    def __len__(self):
        return len(self._lines)

    def add(self, number, reasons, cells):
        """Keep a row: its number in the first file (or None), the reasons, the cells as read."""
        self._lines.append((number, reasons, cells))

    def take(self):
        """Return what waits, as unsaved rows."""
        lines, packed = sorted(self._lines, key=lambda line: line[0] or 0), self._packed
        self.forget()
        return packed + [_packed(self.step, page) for page in _pages(lines)]

    def give_back(self, packed):
        """Take back what could not be written."""
        self._packed[:0] = packed

    def forget(self):
        self._lines, self._packed = [], []

    def cut(self, length):
        """Forget all but the first lines."""
        del self._lines[length:]


def count_left(execution):
    """Return how many rejected rows of an execution nobody has repaired yet."""
    return counts_left([execution.pk]).get(execution.pk, 0)


def counts_left(executions):
    """Return the same of several executions, given by primary key; of those that have any."""
    rows = RejectedRows.objects.filter(step__execution__in=executions).order_by()
    return dict(rows.values_list("step__execution").annotate(Sum("count")))


def take_repaired(execution, numbers):
    """Take rows off the rejects of all whose repair this execution is, in its own transaction."""
    while numbers and execution.is_repair and execution.parent is not None:
        execution = execution.parent
        with transaction.atomic(using=database()):
            for rows in _holding(execution, numbers).select_for_update():
                _take_out(rows, numbers)


def store_files(execution, fence):
    """Make the files of an execution's rejects anew; a step that has none left has no file."""
    formats = execution.all_steps.filter(rejects_format__isnull=False).order_by("-part")
    how = dict(formats.values_list("position", "rejects_format"))  # The parts of a step agree.
    for step in execution.steps.filter(position__in=how):
        _store_file(step, how[step.position], fence)


def files_of_repaired(execution):
    """Make the files anew of all whose repair this execution is."""
    while execution.is_repair and execution.parent is not None:
        execution = execution.parent
        store_files(execution, fence=lambda: None)


def _store_file(step, rejects_format, fence):
    rows = RejectedRows.objects.filter(step__in=_pieces(step)).order_by("step__part", "pk")
    name = rejects_format["name"]
    if not rows.exists():
        _remove_file(step.execution, name)
        return
    with tempfile.TemporaryFile() as local:
        with open_rejects(local, rejects_format) as writer:
            for packed in rows.iterator(chunk_size=1):
                for number, reasons, cells in _lines_of(packed):
                    writer.write_reject(number, reasons, cells)
        local.flush()
        content = File(local, name=name)
        store_file(step.execution, JobFile.Role.REJECTS, name, content, fence)


def _remove_file(execution, name):
    for row in execution.files.filter(role=JobFile.Role.REJECTS, name=name):
        row.delete()
        row.file.delete(save=False)


def _pieces(step):
    """Return the step with its parts."""
    return StepExecution.objects.filter(execution=step.execution_id, position=step.position)


def _holding(execution, numbers):
    rows = RejectedRows.objects.filter(step__execution=execution)
    return rows.filter(first_row__lte=max(numbers), last_row__gte=min(numbers))


def _take_out(rows, numbers):
    lines = _lines_of(rows)
    left = [line for line in lines if line[0] not in numbers]
    if not left:
        rows.delete()
    elif len(left) < len(lines):
        packed = _packed(rows.step, left)
        packed.pk = rows.pk
        packed.save()


def _packed(step, lines):
    numbers = [number for number, _reasons, _cells in lines if number is not None]
    return RejectedRows(
        step=step,
        first_row=min(numbers, default=0),
        last_row=max(numbers, default=0),
        count=len(lines),
        data=zlib.compress(json.dumps(lines, ensure_ascii=False, default=str).encode(), 1),
    )


def _lines_of(rows):
    return json.loads(zlib.decompress(rows.data))


def _pages(lines):
    return (lines[start : start + ROWS_TOGETHER] for start in range(0, len(lines), ROWS_TOGETHER))
