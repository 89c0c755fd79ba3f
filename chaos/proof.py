"""What must be true of an execution, whatever was done to it."""

import csv
import io

from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution, JobFile, Notification, StepWarning
from akeneo_jobs.report import causes_of
from akeneo_jobs.warning_file import LOST
from chaos.models import ImportedRow


class Broken(Exception):
    """A promise was not kept."""


class Proof:
    """Collects what does not hold, so that one run shows all of it."""

    def __init__(self):
        self.problems = []

    def equal(self, what, found, expected):
        if found != expected:
            self.problems.append(f"{what}: {found!r} instead of {expected!r}")

    def close(self):
        if self.problems:
            raise Broken("\n".join(self.problems))


def prove_import(pk, supply, *, attempts=None, told=("warning",)):
    """Check that an import is completed and left nothing out, wrote nothing twice, told no lie.

    `told` are the levels of its owner's notifications, one for each end.
    """
    proof = Proof()
    execution = JobExecution.objects.get(pk=pk)
    proof.equal("status", execution.status, "completed")
    if attempts is not None:
        proof.equal("attempts", execution.attempt, attempts)
    _prove_rows(proof, execution, supply.good)
    _prove_numbers(proof, execution, supply)
    _prove_warnings(proof, execution, supply)
    _prove_file(proof, execution, supply)
    _prove_rejects(proof, execution, supply)
    _prove_told(proof, execution, told)
    proof.close()


def prove_row(pk, number, *, attempts=1):
    """Check that the operation of one row was run, and once."""
    proof = Proof()
    execution = JobExecution.objects.get(pk=pk)
    proof.equal("status", execution.status, "completed")
    proof.equal("attempts", execution.attempt, attempts)
    _prove_rows(proof, execution, [number])
    prove_told_once(proof, execution, "success")
    proof.close()


def prove_told_once(proof, execution, level):
    """Check that its owner has one notification, and that it says what happened."""
    _prove_told(proof, execution, [level])


def _prove_told(proof, execution, levels):
    found = Notification.objects.filter(execution=execution).values_list("level", flat=True)
    proof.equal("notifications", sorted(found), sorted(levels))


def prove_nothing_runs():
    proof = Proof()
    held = JobExecution.objects.active().values_list("uuid", "status")
    proof.equal("executions that are not over", list(held), [])
    proof.close()


def _prove_rows(proof, execution, expected):
    rows = ImportedRow.objects.filter(execution=execution.uuid)
    numbers = sorted(rows.values_list("number", flat=True))
    if numbers != expected:
        lost = sorted(set(expected) - set(numbers))
        twice = sorted({one for one in numbers if numbers.count(one) > 1})
        proof.equal("rows lost, twice", (lost[:20], twice[:20]), ([], []))
        proof.equal("number of rows", len(numbers), len(expected))


def _prove_numbers(proof, execution, supply):
    step = execution.steps.get()
    counts = {"read": supply.count, "created": len(supply.good), "skipped": supply.fault_count}
    proof.equal("counts", step.counts, counts)
    proof.equal("processed", step.processed, supply.count)
    proof.equal("step", step.status, "completed")
    proof.equal("warnings of the step", step.warning_count, supply.fault_count)
    proof.equal("warnings", execution.warning_count, supply.fault_count)
    proof.equal("processed so far", execution.processed, supply.count)
    proof.equal("counts so far", execution.counts, step.counts)


def _prove_warnings(proof, execution, supply):
    groups = {group.cause: group for group in causes_of(execution)}
    proof.equal("causes", set(groups), {cause for cause, at in supply.faults.items() if at})
    for cause, group in groups.items():
        places = supply.faults.get(cause)
        if not places:
            continue
        found = (group.count, group.first_position, group.last_position)
        proof.equal(f"group {cause}", found, (len(places), places[0], places[-1]))
        kept = StepWarning.objects.filter(step__execution=execution, group=group.key)
        kept = list(kept.order_by("position").values_list("position", flat=True))
        proof.equal(f"kept of {cause}", len(kept), group.kept)
        expected = places[: conf.WARNINGS_KEPT_PER_CAUSE]
        if execution.all_steps.filter(part__gt=0).exists():  # Each part keeps its own first ones.
            expected = [at for at in places if at in kept]
        proof.equal(f"rows of {cause}", kept, expected)


def _prove_rejects(proof, execution, supply):
    """The rejects hold the faulty rows as they stood, each once, whoever was killed."""
    refused = sorted(at for places in supply.faults.values() for at in places)
    with execution.files.get(role=JobFile.Role.REJECTS).file.open("rb") as content:
        lines = list(csv.reader(io.TextIOWrapper(content, "utf-8", newline="")))[1:]
    proof.equal("rejected rows", [int(line[0]) for line in lines], refused)
    rows = list(csv.reader(io.StringIO(supply.content.decode())))
    proof.equal("their cells", [line[2:] for line in lines], [rows[at] for at in refused])


def _prove_file(proof, execution, supply):
    """The file of all warnings is there where rows are missing, holds none twice, and tells
    what died with a process."""
    files = execution.files.filter(role=JobFile.Role.WARNINGS)
    is_cut = any(len(at) > conf.WARNINGS_KEPT_PER_CAUSE for at in supply.faults.values())
    proof.equal("files of warnings", len(files), int(is_cut))
    for row in files:
        with row.file.open("rb") as content:
            lines = list(csv.DictReader(io.TextIOWrapper(content, "utf-8-sig", newline="")))
        listed = [int(line["position"]) for line in lines if line["code"] != LOST]
        lost = [int(line["reason"].split()[0]) for line in lines if line["code"] == LOST]
        everything = {at for places in supply.faults.values() for at in places}
        proof.equal("warnings in the file twice", len(listed) - len(set(listed)), 0)
        proof.equal("warnings in the file, out of nowhere", set(listed) - everything, set())
        proof.equal(
            "warnings in the file or missed by it", len(listed) + sum(lost), len(everything)
        )
        # A part that was killed is taken again, and its execution goes on.
        was_killed = execution.restarts or execution.all_steps.filter(attempt__gt=1).exists()
        if not was_killed:
            proof.equal("warnings that the file misses", lost, [])
