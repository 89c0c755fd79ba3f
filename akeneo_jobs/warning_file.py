"""All warnings of a step in one file, though processes that wrote it may have died."""

import csv
import io
import logging
import shutil
import tempfile
from contextlib import closing
from itertools import islice

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from akeneo_jobs.files import store_file
from akeneo_jobs.models import JobFile

logger = logging.getLogger(__name__)

COLUMNS = ["position", "reason", "code", "field", "item"]
ENCODE = DjangoJSONEncoder(ensure_ascii=False).encode
LOST = "akeneo_jobs.lost"  # the code of a line that tells how many are missing


class WarningFile:
    """A local CSV file until it is stored; it begins with what earlier attempts have warned."""

    def __init__(self, step, count):
        """Begin with the `count` warnings that earlier attempts at the step have raised."""
        self.step = step
        self.name = f"warnings-{step.name}.csv" if step.execution.step_count > 1 else "warnings.csv"
        self._role = JobFile.Role.PART if step.part else JobFile.Role.WARNINGS
        self._text = self._csv = None  # opened by the first warning
        self._mark = 0
        if count:
            self._continue(count)

    def add(self, warning):
        self._open()
        self._csv.writerow(_line_of(warning))

    def mark(self):
        """Remember that all that was added so far is written."""
        if self._text is not None:
            self._mark = self._text.tell()

    def rollback(self):
        """Forget what was added since the last mark."""
        if self._text is not None:
            self._text.seek(self._mark)
            self._text.truncate()

    def store(self, fence):
        if self._text is None:
            return
        self._text.flush()
        content = File(self._text.buffer, name=self.name)
        role, part = self._role, self.step.piece("warnings")
        store_file(self.step.execution, role, self.name, content, fence, parameter=part)

    def close(self):
        if self._text is not None:
            self._text.close()

    def join(self, parts):
        """Add what the parts of the step have warned: from their files, or from their rows."""
        for part in parts:
            with closing(WarningFile(part, part.warning_count)) as file:
                file.copy_to(self)

    def copy_to(self, other):
        if self._text is not None:
            other._open()
            self._text.seek(0)
            next(self._text)
            shutil.copyfileobj(self._text, other._text)

    def _open(self):
        if self._text is None:
            local = tempfile.TemporaryFile()
            self._text = io.TextIOWrapper(local, "utf-8-sig", newline="", write_through=False)
            self._csv = csv.writer(self._text)
            self._csv.writerow(COLUMNS)
            self.mark()

    def _continue(self, count):
        """Copy what an attempt before this one has stored, or what has rows; say what is missing.

        An attempt that was killed has stored no file.
        """
        self._open()
        kept = self.step.warnings.count()
        copied = self._copy_stored(count)
        if copied < kept:
            self.rollback()
            rows = map(_line_of, self.step.warnings.iterator())
            self._csv.writerows(rows)
            copied = kept
        if copied < count:
            text = _("%(count)d warnings are missing here: the process that raised them died.")
            self._csv.writerow(["", text % {"count": count - copied}, LOST, "", ""])
        self.mark()

    def _copy_stored(self, count):
        """Return how many lines could be copied; behind the first ones stand those of parts."""
        files = self.step.execution.files.filter(role=self._role, name=self.name)
        try:
            own = files.filter(parameter=self.step.piece("warnings"))
            return sum(self._copy_lines(row.file, count) for row in own[:1])
        except OSError:
            logger.exception("the warnings of %s could not be read", self.step.execution.uuid)
            return 0

    def _copy_lines(self, file, count):
        with file.open("rb") as content:
            lines = csv.reader(io.TextIOWrapper(content, "utf-8-sig", newline=""))
            next(lines, None)
            kept = list(islice((line for line in lines if line[2] != LOST), count))
            self._csv.writerows(kept)
        return len(kept)


def safe_cell(value):
    """Keep a spreadsheet from taking a text for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _line_of(warning):
    row = [warning.position, warning.reason, warning.code, warning.field, ENCODE(warning.item)]
    return [safe_cell(value) for value in row]
