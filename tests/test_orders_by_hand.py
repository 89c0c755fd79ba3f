"""Steps that track, commit and set checkpoints by hand: an order loses none of their rows."""

from itertools import islice

import pytest

from akeneo_jobs import Step
from akeneo_jobs.statuses import Status
from tests.orders import Moment, create, run, watched
from tests.supplies import MARKED, PARTS, Supply, name_of

pytestmark = pytest.mark.django_db

FILE, ITEMS = "wr.wnfwl..w.wwrwnw.", "wlwwwwlwwwwlw"
PLACES = [("asked", 1), ("processing", 3), ("found", 2), ("asked", 3), ("processing", 2)]


class HandStep(Step):
    """Writes a maker for each row; how it commits them is for others to say."""

    supply = script = None

    def split(self, context):
        return self.supply.open().slices(PARTS) if self.supply.in_parts else None

    def open(self, context):
        self.script.begin(context)
        source = self.supply.open()
        source = source.slice(context.slice) if context.part else source
        context.read_from(source)
        return watched(source, self.script)

    def left(self, rows, context):
        """Return an iterator over the rows that are left to do."""
        total = context.step.total or len(rows)
        return context.track(rows.after(context.checkpoint), total=total)

    def handle(self, row, context):
        self.judge(row, context)
        self.write(row, context)

    def judge(self, row, context):
        context.count("read")
        if getattr(row, "fault", None):
            return context.refuse(row, row.fault)
        context.count("seen")
        name = name_of(row)
        if name[0] == "r":
            context.refuse(row, f"{name} is refused")
        if name[0] == "n":
            context.warn(f"{name} is odd", item=row, position=getattr(row, "position", None))
        return None

    def write(self, row, context):
        self.script.reach("processing")
        if not getattr(row, "fault", None) and name_of(row)[0] in "wn":
            create([name_of(row)], context)


class SingleStep(HandStep):
    """Commits each row."""

    def run(self, context):
        rows = self.open(context)
        for row in self.left(rows, context):
            with context.commit(rows.mark):
                self.handle(row, context)


class BatchStep(HandStep):
    """Commits three rows together; an order leaves those that wait for the next attempt."""

    def run(self, context):
        rows, batch = self.open(context), []
        for row in self.left(rows, context):
            batch.append(row)
            if len(batch) == 3:
                self.save(batch, rows.mark, context)
        self.save(batch, rows.mark, context)

    def save(self, batch, checkpoint, context):
        rows, batch[:] = batch[:], []
        if rows:
            with context.commit(checkpoint):
                for row in rows:
                    self.handle(row, context)


class EagerStep(BatchStep):
    """Counts and refuses at once, and commits what is left to write."""

    def run(self, context):
        rows, batch = self.open(context), []
        for row in self.left(rows, context):
            self.judge(row, context)
            batch.append(row)
            if len(batch) == 3:
                self.save(batch, rows.mark, context)
        self.save(batch, rows.mark, context)

    def handle(self, row, context):
        self.write(row, context)


class FinishingStep(BatchStep):
    """Commits those that wait when it is interrupted, too."""

    def run(self, context):
        rows, batch = self.open(context), []
        try:
            for row in self.left(rows, context):
                batch.append(row)
                if len(batch) == 3:
                    self.save(batch, rows.mark, context)
        finally:
            self.save(batch, rows.mark, context)


class CheckpointStep(HandStep):
    """Writes each row at once and sets a checkpoint after three, and when it is interrupted."""

    def run(self, context):
        rows, count = self.open(context), 0
        try:
            for count, row in enumerate(self.left(rows, context), 1):
                self.handle(row, context)
                if count % 3 == 0:
                    context.checkpoint = rows.mark
        finally:
            if count:
                context.checkpoint = rows.mark


class CountingStep(BatchStep):
    """Commits three items together with their number."""

    def run(self, context):
        items, batch, number = self.open(context), [], context.checkpoint or 0
        for item in context.track(islice(items, number, None)):
            batch.append(item)
            if len(batch) == 3:
                number += 3
                self.save(batch, number, context)
        self.save(batch, number + len(batch), context)


class MarkStep(HandStep):
    """Notes which rows were handed out, and the mark that it has then."""

    def run(self, context):
        rows = self.open(context)
        self.supply.handed = []
        try:
            for row in self.left(rows, context):
                self.supply.handed.append(name_of(row))
                self.script.reach("processing")
        finally:
            self.supply.mark = rows.mark


def supply_of(kind):
    return Supply(kind, FILE if kind.startswith("csv") else ITEMS)


def check(attempts):
    """Whenever something was committed, a beginning of the rows is handled, in the end all."""
    for attempt in attempts:
        if attempt.found["written"]:
            assert attempt.found == attempt.expected
    assert attempts[-1].status == Status.COMPLETED


@pytest.mark.parametrize("order", ["give way", "replaced"])
@pytest.mark.parametrize("kind", ["csv", "queryset in parts"])
@pytest.mark.parametrize("step", [SingleStep, BatchStep, EagerStep, FinishingStep])
def test_what_is_committed_with_its_mark_is_done_once(step, kind, order):
    check(run(step, supply_of(kind), *(Moment(order, *place) for place in PLACES)))


@pytest.mark.parametrize("place", [("asked", 2), ("found", 5), ("processing", 3)])
@pytest.mark.parametrize("kind", ["csv", "queryset"])
@pytest.mark.parametrize("step", [SingleStep, FinishingStep, CheckpointStep])
def test_what_is_stopped_has_handled_a_beginning(step, kind, place):
    (attempt,) = run(step, supply_of(kind), Moment("stop", *place))
    assert attempt.found == attempt.expected
    assert abs(attempt.done - attempt.taken) <= 1


@pytest.mark.parametrize("kind", MARKED)
def test_a_checkpoint_that_is_set_at_an_interruption_is_true(kind):
    check(run(CheckpointStep, supply_of(kind), *(Moment("pause", *place) for place in PLACES)))


@pytest.mark.parametrize("order", ["time limit", "replaced"])
@pytest.mark.parametrize("kind", ["csv", "list", "generator"])
def test_a_number_is_a_checkpoint_too(kind, order):
    check(run(CountingStep, supply_of(kind), *(Moment(order, *place) for place in PLACES)))


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("phase", ["asked", "found", "processing"])
@pytest.mark.parametrize("kind", MARKED)
def test_behind_the_mark_lie_the_rows_that_were_not_handed_out(kind, phase, number):
    supply = Supply(kind, "ww..w.wl.")
    run(MarkStep, supply, Moment("stop", phase, number))
    left = [name_of(row) for row in supply.open().after(supply.mark)]
    assert supply.handed + left == supply.rows
