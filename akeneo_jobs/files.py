"""Files that come out of an operation: local until they are whole, then stored and offered."""

import tempfile
from contextlib import suppress

from django.core.files.base import File
from django.db import transaction

from akeneo_jobs.models import JobFile, database


class OutputFile:
    """A binary file object whose `write` takes text too (as UTF-8).

    Nothing is offered before it is closed, and nothing if its `with` block raises.
    """

    def __init__(self, execution, name, fence, *, part=""):
        self.name = name
        self._part = part
        self._execution = execution
        self._fence = fence
        self._local = tempfile.TemporaryFile()

    def write(self, data):
        return self._local.write(data.encode() if isinstance(data, str) else data)

    def __getattr__(self, attribute):
        return getattr(self._local, attribute)

    def __enter__(self):
        return self

    def __exit__(self, error_type, error, traceback):
        self.close() if error_type is None else self.discard()

    def close(self):
        """Store the file and offer it on the report."""
        if self._local.closed:
            return
        try:
            self._local.flush()
            content = File(self._local, name=self.name)
            store_file(
                self._execution,
                JobFile.Role.PART if self._part else JobFile.Role.OUTPUT,
                self.name,
                content,
                self._fence,
                parameter=self._part,
            )
        finally:
            self._local.close()

    def discard(self):
        self._local.close()


def store_file(execution, role, name, content, fence, *, parameter=""):
    """Store a file that came out, in the place of an earlier one of the same role and name.

    The row appears only when the content is wholly stored, so nothing is offered by halves.
    """
    key = {"role": role, "name": name, "parameter": parameter}
    new = JobFile(execution=execution, size=content.size, **key)
    save_content(new, name, content)
    try:
        with transaction.atomic(using=database()):
            fence()
            old = list(execution.files.filter(**key))
            execution.files.filter(pk__in=[row.pk for row in old]).delete()
            new.save(force_insert=True)
    except BaseException:
        new.file.delete(save=False)
        raise
    for row in old:
        row.file.delete(save=False)
    return new


def save_content(row, name, content):
    """Store the content of a `JobFile`; leave nothing behind if the storage refuses the rest."""
    try:
        row.file.save(name, content, save=False)
    except BaseException:
        with suppress(Exception):
            row.file.storage.delete(row.file.field.generate_filename(row, name))
        raise
