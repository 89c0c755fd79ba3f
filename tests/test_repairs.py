"""Rows that were refused: handed back, corrected, and gone from what is left to do."""

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import OperationalError

from akeneo_jobs import (
    ItemRefused,
    ItemStep,
    JobType,
    Step,
    actions,
    files,
    rejects,
    runner,
    testing,
)
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.io import read_csv, upsert
from akeneo_jobs.models import JobExecution, RejectedRows
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

TABLE = b"name;note\ngood;1\n!bad;=2\nfine;3\n!worse;4;surplus\n!worst;\xc3\xa9\n"


class ImportGroups(ItemStep):
    name = "import"
    chunk_size = 2

    def read(self, context):
        return read_csv(context.parameters["file"], delimiter=";")

    def process(self, row, context):
        if row["name"].startswith("!"):
            raise ItemRefused("It begins with a mark.", field="name")
        return {"name": row["name"]}

    def write(self, items, context):
        upsert(Group, items, key="name", context=context)


class FileForm(forms.Form):
    file = forms.FileField()


class GroupImport(JobType):
    code = "group_import"
    label = "Group import"
    kind = "import"
    parameters_form = FileForm
    steps = [ImportGroups]
    is_restartable = True
    can_dry_run = True


@pytest.fixture(autouse=True)
def _registered():
    with testing.registered(GroupImport):
        yield


@pytest.fixture
def execution():
    file = ContentFile(TABLE, name="groups.csv")
    return run(actions.record("group_import", user=UserFactory(), parameters={"file": file}))


def run(execution):
    runner.run(execution.pk)
    return JobExecution.objects.get(pk=execution.pk)


def repair(execution, content):
    file = ContentFile(content, name="corrected.csv")
    return run(actions.repair(execution, execution.user, file))


def rejected(execution):
    return execution.files.get(role="rejects").file.read()


def names():
    return sorted(Group.objects.values_list("name", flat=True))


def test_refused_rows_come_back_as_they_were_with_the_reasons(execution):
    assert execution.files.get(role="rejects").name == "groups-rejects.csv"
    assert rejected(execution).decode().splitlines() == [
        "#row;#reasons;name;note",
        "2;name: It begins with a mark.;!bad;=2",
        "4;The row has 3 cells, the header has 2.;!worse;4;surplus",
        "5;name: It begins with a mark.;!worst;é",
    ]
    assert (rejects.count_left(execution), execution.can_repair) == (3, True)


def test_a_repair_handles_the_corrected_rows_and_the_parent_shows_what_remains(execution):
    child = repair(execution, rejected(execution).replace(b"!bad", b"bad"))
    step = child.steps.get()
    assert (child.parent, child.is_repair, step.counts["read"]) == (execution, True, 3)
    assert names() == ["bad", "fine", "good"]
    assert rejects.count_left(execution) == rejects.count_left(child) == 2
    assert rejected(execution) == rejected(child)
    assert b"!bad" not in rejected(execution)


def test_a_repair_of_a_repair_reaches_the_first_one(execution):
    child = repair(execution, rejected(execution).replace(b"!bad", b"bad"))
    fixed = rejected(child).replace(b"!", b"").replace(b";surplus", b"")
    last = repair(child, fixed)
    assert names() == ["bad", "fine", "good", "worse", "worst"]
    assert [rejects.count_left(one) for one in (execution, child, last)] == [0, 0, 0]
    assert not RejectedRows.objects.exists()
    assert not execution.files.filter(role="rejects").exists()
    assert not execution.can_repair


def test_the_same_correction_twice_is_counted_once(execution):
    fixed = rejected(execution).replace(b"!bad", b"bad")
    repair(execution, fixed)
    again = repair(execution, fixed)
    assert again.steps.get().counts["unchanged"] == 1
    assert rejects.count_left(execution) == 2


def test_the_rejects_of_a_dry_run_are_corrected_in_the_first_file():
    file = ContentFile(TABLE, name="groups.csv")
    user = UserFactory()
    execution = run(
        actions.record("group_import", user=user, parameters={"file": file}, is_dry_run=True)
    )
    assert (rejects.count_left(execution), names()) == (3, [])
    assert b"!worst" in rejected(execution)
    with pytest.raises(InvalidTransition):
        repair(execution, rejected(execution))


def test_rejects_of_a_process_that_died_are_not_lost(execution, monkeypatch):
    class Killed(BaseException):
        pass

    original = ImportGroups.process

    def die(self, row, context):
        if row["name"] == "!worst" and context.execution.attempt == 1:
            raise Killed
        return original(self, row, context)

    monkeypatch.setattr(ImportGroups, "process", die)
    file = ContentFile(TABLE, name="groups.csv")
    second = actions.record("group_import", parameters={"file": file})
    monkeypatch.setattr("akeneo_jobs.attempt.Attempt._write_end", lambda *_: None)
    with pytest.raises(Killed):
        runner.run(second.pk)
    monkeypatch.undo()
    JobExecution.objects.filter(pk=second.pk).update(status=Status.STARTING)
    assert rejected(run(second)) == rejected(execution)


def test_a_storage_that_refuses_the_rejects_does_not_fail_the_run(monkeypatch):
    def refuse(row, name, content):
        if "rejects" in name:
            raise OSError("No space left.")
        return save(row, name, content)

    save = files.save_content
    monkeypatch.setattr(files, "save_content", refuse)
    file = ContentFile(TABLE, name="groups.csv")
    execution = run(actions.record("group_import", parameters={"file": file}))
    assert (execution.status, rejects.count_left(execution)) == (Status.COMPLETED, 3)


def test_the_parts_of_a_step_have_one_file_of_rejects(execution, monkeypatch):
    def read(self, context):
        return whole(self, context).slice(context.slice)

    whole = ImportGroups.read
    monkeypatch.setattr(ImportGroups, "read", read)
    monkeypatch.setattr(ImportGroups, "split", lambda self, c: whole(self, c).slices(3))
    file = ContentFile(TABLE, name="groups.csv")
    parted = run(actions.record("group_import", user=UserFactory(), parameters={"file": file}))
    assert parted.all_steps.filter(part__gt=0).count() == 3
    assert rejected(parted) == rejected(execution)


def test_many_chunks_are_searched_for_a_repaired_row(execution):
    lines = b"".join(b"!%d;x\n" % number for number in range(50))
    file = ContentFile(b"name;note\n" + lines, name="many.csv")
    user = UserFactory()
    parent = run(actions.record("group_import", user=user, parameters={"file": file}))
    backwards = rejected(parent).splitlines(keepends=True)
    repair(parent, b"".join([backwards[0], *reversed(backwards[1:])]).replace(b";!", b";"))
    assert (rejects.count_left(parent), len(names())) == (0, 52)


def test_the_database_gone_for_a_moment_loses_no_reject(execution, monkeypatch):
    original, calls = RejectedRows.objects.bulk_create, []

    def away(*args):
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("server closed the connection")
        return original(*args)

    monkeypatch.setattr(RejectedRows.objects, "bulk_create", away)
    file = ContentFile(TABLE, name="groups.csv")
    second = run(actions.record("group_import", parameters={"file": file}))
    assert second.status == Status.STARTING
    assert rejected(run(second)) == rejected(execution)


class ImportByHand(Step):
    name = "import"

    def run(self, context):
        rows = read_csv(context.parameters["file"], delimiter=";")
        context.read_from(rows)
        for row in context.track(rows.after(context.checkpoint), total=len(rows)):
            with context.commit(rows.mark):
                if row.fault or row["name"].startswith("!"):
                    context.refuse(row, row.fault or "It begins with a mark.")
                context.repaired([row])


def test_a_step_written_by_hand_is_repaired_too(monkeypatch):
    monkeypatch.setattr(GroupImport, "steps", [ImportByHand])
    file = ContentFile(TABLE, name="groups.csv")
    execution = run(actions.record("group_import", user=UserFactory(), parameters={"file": file}))
    assert rejects.count_left(execution) == 3
    content = execution.files.get(role="rejects").file.read()
    child = repair(execution, content.replace(b"!bad", b"better"))
    assert (child.status, rejects.count_left(execution)) == (Status.COMPLETED, 2)
