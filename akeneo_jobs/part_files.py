"""The pieces that the parts of a step have written, and what becomes of them."""

from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from akeneo_jobs.files import OutputFile
from akeneo_jobs.models import JobFile, database

KINDS = ("output", "log", "warnings")


def join_outputs(row, step, fence):
    """Join the files of the parts of a step in their order; safe to be done again."""
    pieces = _pieces(row, "output")
    for name in sorted(set(pieces.values_list("name", flat=True))):
        with OutputFile(row.execution, name, fence) as output:
            files = [piece.file for piece in pieces.filter(name=name)]
            step.join(name, files, output)


def tidy(row, handler, fence):
    """Once a step is completed, take in the logs of its parts and forget their pieces.

    All of them or none: a process that dies while a step is joined must leave the next one all.
    """
    pieces = list(_pieces(row, *KINDS))
    if not pieces:
        return
    for piece in pieces:
        if piece.parameter.startswith("log:"):
            with piece.file.open("rb") as content:
                handler.add_once(content.read())
    handler.save(fence)
    with transaction.atomic(using=database()):
        row.execution.files.filter(pk__in=[piece.pk for piece in pieces]).delete()
    for piece in pieces:
        piece.file.delete(save=False)


def _pieces(row, *kinds):
    """Return the files of the parts of a step, in the order of the parts."""
    is_own = (Q(parameter__startswith=f"{kind}:{row.position}:") for kind in kinds)
    rows = row.execution.files.filter(reduce(or_, is_own), role=JobFile.Role.PART)
    return rows.order_by("parameter")
