"""The chunked step: what is written together, what is refused, what is tried again."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from akeneo_jobs import ItemRefused, ItemStep, JobType, testing
from tests.models import Gadget

pytestmark = pytest.mark.django_db


class Gather(ItemStep):
    """Writes a group per name."""

    chunk_size = 4
    names = ()

    def read(self, context):
        return self.names

    def process(self, name, context):
        if name.startswith("!"):
            raise ItemRefused("It begins with a mark.", field="name", code="mark")
        if name.startswith("$"):
            return Decimal(name)
        if name.startswith("?"):
            raise ValidationError({"name": "Too long.", "code": ValidationError("Odd.")})
        return None if name == "-" else Group(name=name)

    def write(self, groups, context):
        context.count("tried", len(groups))
        Group.objects.bulk_create(groups)
        context.count("created", len(groups))


def gather(*names, **attributes):
    step = type("GatherThese", (Gather,), {"names": names, **attributes})
    job_type = type("GatheringJob", (JobType,), {"code": "gathering", "label": "Gathering"})
    job_type.steps, job_type.kind = [step], "import"
    with testing.registered(job_type):
        return testing.run("gathering")


def groups():
    return sorted(Group.objects.values_list("name", flat=True))


def warnings(execution):
    return list(execution.steps.get().warnings.values_list("position", "field", "code", "reason"))


def test_items_are_counted_as_read_and_by_what_became_of_them():
    execution = gather("a", "b", "-", "!c", "d", "e")
    step = execution.steps.get()
    assert groups() == ["a", "b", "d", "e"]
    assert step.counts == {"read": 6, "tried": 4, "created": 4, "skipped": 1}
    assert (step.processed, step.total) == (6, 6)


def test_a_refused_item_is_a_warning_with_position_field_and_value():
    execution = gather("a", "!b")
    assert warnings(execution) == [(2, "name", "mark", "It begins with a mark.")]
    assert execution.steps.get().warnings.get().item == {"value": "!b"}


def test_several_wrong_fields_are_one_warning():
    execution = gather("?")
    assert warnings(execution) == [(1, "name, code", "", "name: Too long. code: Odd.")]


def test_a_value_that_is_no_number_costs_its_item():
    execution = gather("a", "$x")
    assert (execution.status, groups(), execution.warning_count) == ("completed", ["a"], 1)


def test_what_is_looked_up_in_vain_costs_its_item():
    class Looking(Gather):
        def process(self, name, context):
            known = {"a": "A"}
            return Group(name=known[name])

    execution = gather("a", "b", process=Looking.process)
    assert groups() == ["A"]
    assert warnings(execution) == [(2, "", "", "“b” is not known.")]


def test_one_bad_row_of_a_chunk_costs_one_row():
    execution = gather(*"abcadefg", "!", "h", chunk_size=6)
    step = execution.steps.get()
    assert groups() == list("abcdefgh")
    assert step.counts == {"read": 10, "tried": 8, "created": 8, "skipped": 2}
    (position, _field, _code, reason), (mark, *_rest) = warnings(execution)
    assert (position, mark, step.processed) == (4, 9, 10)
    assert reason.startswith("The database refused it: ")


def test_what_is_neither_refused_nor_expected_ends_the_step():
    class Broken(Gather):
        def process(self, name, context):
            raise TypeError("a bug")

    execution = gather("a", process=Broken.process)
    assert (execution.status, execution.failures[0]["cause"]) == ("failed", "error")


def test_a_chunk_is_written_when_its_time_is_over():
    class Slow(Gather):
        def write(self, groups, context):
            context.count("written")

    execution = gather(*"abcdefgh", write=Slow.write, chunk_seconds=0, chunk_size=100)
    assert execution.steps.get().counts["written"] == 8


def test_a_total_that_nobody_knows_is_found_while_reading():
    class Stream(Gather):
        def read(self, context):
            yield from "abc"

    step = gather(read=Stream.read).steps.get()
    assert (step.processed, step.total) == (3, 3)


def test_what_write_refuses_costs_itself_and_no_second_try():
    class Choosy(Gather):
        def write(self, groups, context):
            context.count("tried", len(groups))
            for group in groups:
                if group.name == "c":
                    context.refuse(group, ItemRefused("Not this one.", code="choice"))

    step = gather(*"abcd", write=Choosy.write).steps.get()
    assert step.counts == {"read": 4, "tried": 4, "skipped": 1}
    assert step.warnings.get().reason == "Not this one."


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_at_the_commit_costs_one_item():
    class Careless(Gather):
        def write(self, groups, context):
            for group in groups:
                maker = 999 if group.name == "c" else None
                Gadget.objects.create(code=group.name, stock=1, maker_id=maker)
            context.count("created", len(groups))

    execution = gather(*"abcd", write=Careless.write)
    assert execution.steps.get().counts == {"read": 4, "created": 3, "skipped": 1}
    assert warnings(execution)[0][0] == 3
    assert sorted(Gadget.objects.values_list("code", flat=True)) == ["a", "b", "d"]
