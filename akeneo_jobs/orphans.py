"""Orphans: stored files that no row knows, as after a process that died while it stored one."""

import uuid
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from akeneo_jobs.models import JobFile
from akeneo_jobs.retention import remove_file, storage_of_files

ROOT = "akeneo_jobs"  # below it: a folder per execution, in it a folder per file
YOUNG = timedelta(days=1)  # a file is stored before its row is committed


def purge_orphans(*, batch_size, dry_run=False):
    """Remove the files that no row knows, except young ones; yield counts per batch."""
    folders = [f"{ROOT}/{name}" for name in _folders(ROOT)]
    for start in range(0, len(folders), batch_size):
        found = _orphans(folders[start : start + batch_size])
        yield sum((_remove(name, dry_run) for name in found), Counter())


def _orphans(folders):
    """Yield the names of the orphans in the folders of some executions."""
    by_file = {name: f"{folder}/{name}" for folder in folders for name in _folders(folder)}
    known = JobFile.objects.filter(pk__in=by_file).values_list("pk", flat=True)
    for name in by_file.keys() - set(map(str, known)):
        files = storage_of_files().listdir(by_file[name])[1]
        yield from (f"{by_file[name]}/{file}" for file in files)


def _remove(name, dry_run):
    storage = storage_of_files()
    with suppress(FileNotFoundError, NotImplementedError):
        if storage.get_modified_time(name) < timezone.now() - YOUNG:
            size = storage.size(name)
            if dry_run or remove_file(name):
                return Counter(files=1, bytes=size)
            return Counter(stuck_files=1)
    return Counter()


def _folders(path):
    """Return the folders in a folder that are named after a row; other names are not ours."""
    with suppress(FileNotFoundError, NotImplementedError):
        return [name for name in storage_of_files().listdir(path)[0] if _is_uuid(name)]
    return []


def _is_uuid(name):
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False
