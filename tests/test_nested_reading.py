"""Who looks at a source while it is read changes nothing of where a restart continues."""

from itertools import islice

import pytest
from django.contrib.auth.models import Group

from akeneo_jobs import ItemStep, runner
from akeneo_jobs.io import read_queryset, read_xlsx
from akeneo_jobs.statuses import Status
from tests.files import csv_rows, json_rows, workbook
from tests.one_off import recording, run

pytestmark = pytest.mark.django_db

NAMES = [f"{number:02}" for number in range(12)]


def stored_groups():
    Group.objects.bulk_create(Group(name=name) for name in NAMES)
    return read_queryset(Group.objects.all(), chunk_size=5)


SOURCES = {
    "csv": lambda: csv_rows("name\n" + "\n".join(NAMES)),
    "json": lambda: json_rows("\n".join(f'{{"name": "{name}"}}' for name in NAMES)),
    "xlsx": lambda: read_xlsx(workbook(["name"], *([name] for name in NAMES))),
    "queryset": stored_groups,
}
LOOKS = {
    "count": len,
    "read": list,
    "read the first ones": lambda source: list(islice(source, 2)),
    "divide": lambda source: [source.slice(value) for value in source.slices(2)],
}


@pytest.fixture(params=SOURCES)
def source(request):
    return SOURCES[request.param]()


def name_of(item):
    return item.name if isinstance(item, Group) else item["name"]


class Collect(ItemStep):
    """Gives way behind each chunk; looks at its source while it processes some items."""

    chunk_size = 2
    source, look, names = None, None, ()

    def read(self, context):
        return self.source

    def process(self, item, context):
        if name_of(item)[-1] in "147":
            type(self).look(self.source)
        return name_of(item)

    def write(self, names, context):
        self.names.extend(names)
        runner.give_way()


def collect(step, **attributes):
    """Run a step until it is completed; return what it has written, in its order."""
    names = []
    with recording() as record:
        execution = record(type("Collect", (step,), {"names": names, **attributes}))
        while execution.status == Status.STARTING:
            run(execution)
    numbers = execution.steps.get()
    assert (execution.status, numbers.counts) == (Status.COMPLETED, {"read": 12})
    assert (numbers.processed, numbers.total) == (12, 12)
    return names


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_at_the_source_moves_no_checkpoint(source, look):
    assert collect(Collect, source=source, look=LOOKS[look]) == NAMES


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_at_the_source_ends_no_iteration(source, look):
    seen = []
    for item in source:
        seen.append(name_of(item))
        if len(seen) in (1, 5):
            LOOKS[look](source)
    assert seen == NAMES


def test_two_iterations_begun_before_either_is_advanced_read_everything(source):
    one, other = iter(source), iter(source)
    assert [name_of(item) for item in one] == NAMES
    assert [name_of(item) for item in other] == NAMES


def test_the_mark_is_that_of_the_iteration_that_yielded_last(source):
    one, other = iter(source), iter(source)
    for iterator, count in ((one, 3), (other, 1), (one, 2), (other, 6)):
        name = [name_of(item) for item in islice(iterator, count)][-1]
        behind = [name_of(item) for item in source.after(source.mark)]
        assert behind == NAMES[NAMES.index(name) + 1 :]


class CollectWithPictures(Collect):
    """Tracks something else while it processes an item, when it is asked to give way."""

    chunk_size = 100
    asked = ()

    def process(self, item, context):
        if name_of(item) == "04" and not self.asked:
            self.asked.append(True)
            runner.give_way()
            list(context.track(range(3), total=12))
        return name_of(item)

    def write(self, names, context):
        self.names.extend(names)


def test_an_order_that_is_obeyed_while_an_item_is_processed_loses_no_item(source):
    assert collect(CollectWithPictures, source=source, asked=[]) == NAMES
