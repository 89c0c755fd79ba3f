"""Whatever order comes, and whenever: each row is handled once, and all numbers say so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_jobs import ItemRefused, ItemStep
from akeneo_jobs.statuses import Status
from tests.orders import WRITING, Moment, create, help_out, run, watched
from tests.supplies import KINDS, PARTED, PARTS, Supply, name_of

pytestmark = pytest.mark.django_db

PLAN = "wr.wnfwl..xw.wwrwnw."
RESUMED = ["give way", "pause", "time limit", "replaced"]
PLACES = [("asked", 1), ("asked", 2), ("found", 3), ("processing", 2), ("writing", 1)]
READING = ("asked", "found", "processing")
EVERYWHERE = [(phase, number) for number in (1, 2, 3, 4) for phase in READING]
EVERYWHERE += [(phase, number) for number in (1, 2) for phase in WRITING]
AT_THE_END = [("processing", 4), ("ended", 1), ("writing", 1), ("committing", 1)]
IN_HAND = [("processing", 2, "raise"), ("writing", 1, "track")]
IN_HAND += [("processing", 3, "track"), ("written", 2, "raise")]


class MakeStep(ItemStep):
    """Writes a maker for each row."""

    chunk_size = 3
    supply = script = None

    def split(self, context):
        return self.supply.open().slices(PARTS) if self.supply.in_parts else None

    def read(self, context):
        self.script.begin(context)
        source = self.supply.open()
        source = source.slice(context.slice) if context.part else source
        return watched(source, self.script)

    def process(self, item, context):
        name = name_of(item)
        context.count("seen")
        if name[0] == "n":
            context.warn(f"{name} is odd", item=item, position=getattr(item, "position", None))
        self.script.reach("processing")
        if name[0] == "r":
            raise ItemRefused(f"{name} is refused")
        return None if name[0] == "l" else item

    def write(self, items, context):
        self.script.reach("writing")
        names = [name_of(item) for item in items]
        for item, name in zip(items, names, strict=True):
            if name[0] == "x":
                context.refuse(item, f"{name} is refused")
        create([name for name in names if name[0] != "x"], context)
        for name in names:
            if name[0] == "h":
                raise ItemRefused(f"{name} is refused")
        self.script.reach("written")


def check(attempts, last=Status.COMPLETED):
    """After each attempt a beginning of the rows is handled, once; a completed one did the rest."""
    for attempt in attempts:
        assert attempt.found == attempt.expected
    assert attempts[-1].status == last


def check_is_obeyed(attempts, supply):
    """An order comes through at the next row; what was taken is finished."""
    done = 0
    for attempt in attempts:
        begins_at = done if supply.has_marks else 0
        if attempt.taken is not None:
            assert abs(attempt.done - max(done, begins_at + attempt.taken)) <= 1
        done = attempt.done


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("give way", PLACES),
        ("pause", PLACES[1::2]),
        ("time limit", PLACES[::2]),
        ("replaced", PLACES),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_order_at_any_place_of_a_chunk_loses_no_row(kind, order, places):
    supply = Supply(kind, PLAN)
    attempts = run(MakeStep, supply, *(Moment(order, *place) for place in places))
    check(attempts)
    assert len(attempts) == len(places) + 1
    if order != "replaced":
        check_is_obeyed(attempts, supply)


@pytest.mark.parametrize("order", ["pause", "kill"])
@pytest.mark.parametrize("places", [EVERYWHERE[start::4] for start in range(4)])
def test_one_order_after_the_other_loses_no_row(order, places):
    attempts = run(MakeStep, Supply("csv", 2 * PLAN), *(Moment(order, *place) for place in places))
    check(attempts)
    assert len(attempts) == len(places) + 1


@pytest.mark.parametrize(
    ("kind", "place"),
    [(kind, ("found", 2)) for kind in KINDS] + [("csv", place) for place in EVERYWHERE],
)
def test_what_is_stopped_has_handled_a_beginning(kind, place):
    supply = Supply(kind, PLAN)
    attempts = run(MakeStep, supply, Moment("stop", *place))
    check(attempts, Status.STOPPED)
    check_is_obeyed(attempts, supply)


@pytest.mark.parametrize("order", ["pause", "replaced"])
@pytest.mark.parametrize("kind", ["csv", "queryset", "generator", "csv in parts"])
def test_an_order_after_the_last_row_does_none_of_them_again(kind, order):
    check(run(MakeStep, Supply(kind, "wrwn."), *(Moment(order, *place) for place in AT_THE_END)))


@pytest.mark.parametrize("order", ["give way", "kill"])
@pytest.mark.parametrize("kind", ["csv", "shrinking queryset", "list", "csv in parts"])
def test_an_order_between_the_halves_of_a_chunk_loses_no_row(kind, order):
    places = [(phase, number) for number in (2, 3) for phase in ("writing", "committed")]
    step = type("HalvingStep", (MakeStep,), {"chunk_size": 5})
    moments = [Moment(order, *place) for place in places]
    attempts = run(step, Supply(kind, 2 * "whnr.wwxhfw.hw"), *moments)
    check(attempts)
    assert len(attempts) == len(moments) + 1


@pytest.mark.parametrize("order", RESUMED)
@pytest.mark.parametrize("kind", ["shrinking queryset", "list"])
def test_the_items_in_hand_are_not_handled_when_the_code_of_the_host_raises_an_order(kind, order):
    attempts = run(MakeStep, Supply(kind, PLAN), *(Moment(order, *place) for place in IN_HAND))
    check(attempts)
    assert [(attempt.taken, attempt.done) for attempt in attempts[:2]] == [(2, 0), (3, 0)]


@pytest.mark.parametrize("place", [("asked", 2), ("found", 3), ("processing", 2)])
@pytest.mark.parametrize("kind", PARTED)
def test_a_part_that_is_taken_over_loses_no_row(kind, place):
    (attempt,) = run(MakeStep, Supply(kind, PLAN), Moment("taken over", *place))
    check([attempt])
    assert attempt.taken is not None


@pytest.mark.parametrize("order", ["give way", "taken over", "kill"])
@pytest.mark.parametrize("kind", ["csv in parts", "queryset in parts"])
def test_the_leader_goes_on_where_another_worker_left_a_part(kind, order):
    moments = [Moment(order, "processing", number) for number in (2, 3, 4)]
    supply = Supply(kind, PLAN)
    (attempt,) = run(MakeStep, supply, None, *moments, deliver=help_out)
    attempt.found["written"].sort(key=supply.rows.index)  # A part is not written at one go.
    check([attempt])


@st.composite
def operations(draw):
    """Return a kind of source, the plan of its rows, the size of a chunk, and moments."""
    first = draw(st.sampled_from("wrlnxh"))
    plan = first + draw(st.text("wwwrlnxhf.", max_size=12))
    orders, phases = st.sampled_from([*RESUMED, "kill"]), st.sampled_from([*READING, *WRITING])
    moments = st.lists(st.builds(Moment, orders, phases, st.integers(1, 6)), max_size=4)
    return draw(st.sampled_from(KINDS)), plan, draw(st.integers(1, 5)), draw(moments)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(operations(), st.sampled_from(["beat", "raise"]))
def test_no_rows_and_no_orders_lose_a_row(operation, way):
    kind, plan, chunk_size, moments = operation
    step = type("DrawnStep", (MakeStep,), {"chunk_size": chunk_size})
    raised = [one._replace(way=way) if one.order != "replaced" else one for one in moments]
    check(run(step, Supply(kind, plan), *raised))
