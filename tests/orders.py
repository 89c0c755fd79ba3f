"""Operations that get orders at chosen moments, and what is found after each of their attempts."""

from collections import Counter
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from django.db.models import F, Sum

from akeneo_jobs import JobType, actions, outcomes, rejects, runner, testing
from akeneo_jobs.exceptions import (
    AttemptReplaced,
    GiveWay,
    PauseRequested,
    StopRequested,
    TimeLimitReached,
)
from akeneo_jobs.models import (
    JobExecution,
    RejectedRows,
    StepExecution,
    StepWarning,
    WarningGroup,
)
from akeneo_jobs.statuses import RUNNING, Status
from tests.factories import UserFactory
from tests.models import Gadget, Maker

WRITING = ("writing", "written", "committing", "committed")  # in the transaction of a chunk


class Killed(BaseException):
    """The process dies."""


class Order(NamedTuple):
    interruption: type
    status: str  # to which it leads, or the cause of the failure
    verb: str | None = None  # with which a person asks for it


ORDERS = {
    "give way": Order(GiveWay, Status.STARTING),
    "pause": Order(PauseRequested, Status.PAUSED, "request_pause"),
    "stop": Order(StopRequested, Status.STOPPED, "request_stop"),
    "time limit": Order(TimeLimitReached, "timeout"),
    "replaced": Order(AttemptReplaced, Status.STARTED),
    "taken over": Order(AttemptReplaced, Status.COMPLETED),  # a part, not the attempt
    "kill": Order(Killed, Status.STARTED),
}


# When an order comes


class Moment(NamedTuple):
    """An order that comes when an attempt reaches a phase for the n-th time."""

    order: str
    phase: str  # asked, found, ended, processing, or one of `WRITING`
    number: int
    way: str = "beat"  # "raise": the host's own code raises it; "track": a loop in there does


class Script:
    """The moments of an operation: one for each attempt, as long as there are any."""

    def __init__(self, moments):
        self._moments = iter(moments)

    def begin_attempt(self):
        """Begin to wait for the next moment."""
        self.moment = next(self._moments, None)
        self.reached = Counter()
        self.taken = None  # rows that the source had given to this attempt when its order came
        self.is_asked = False

    def begin(self, context):
        """Begin a step or a part."""
        self.context = context
        save_chunk = context._beat.save_chunk

        def save_and_tell(*args):
            self.reach("committing")
            save_chunk(*args)
            self.reach("committed")

        context._beat.save_chunk = save_and_tell
        if self.moment and self.moment.phase in WRITING:
            self._ask()  # Within the transaction it could be rolled back.

    def reach(self, phase):
        """Give the order if this is its moment."""
        self.reached[phase] += 1
        moment = self.moment
        if moment and (phase, self.reached[phase]) == (moment.phase, moment.number):
            self.taken = self.reached["found"]
            self._ask()
            self._give(moment.order, moment.way)

    def _ask(self):
        """Have a person ask for it on the row, where the beat sees it."""
        verb = ORDERS[self.moment.order].verb
        if verb and not self.is_asked:
            self.context.execution.apply(verb)
            self.is_asked = True

    def _give(self, order, way):
        if order == "kill" or way == "raise":
            raise ORDERS[order].interruption
        if order == "give way":
            runner.give_way()
        elif order == "time limit":
            runner.current.beat.order(TimeLimitReached)
        elif order == "replaced":
            rows = JobExecution.objects.filter(pk=self.context.execution.pk)
            rows.update(attempt=F("attempt") + 1)
        elif order == "taken over":
            self.context.execution.all_steps.release()
        for beat in dict.fromkeys([runner.current.beat, self.context._beat]):
            beat.save(is_tick=True)
        if way == "track":
            list(self.context.track((), total=self.context.step.total))


class Watched:
    """A source that tells the script when it is asked for an item, and when it has found one."""

    def __init__(self, source, script):
        self._source = source
        self._script = script

    def __getattr__(self, name):
        return getattr(self._source, name)

    def __len__(self):
        return len(self._source)

    def __iter__(self):
        return self._tell(iter(self._source))

    def _tell(self, items):
        while True:
            self._script.reach("asked")
            try:
                item = next(items)
            except StopIteration:
                return self._script.reach("ended")
            self._script.reach("found")
            yield item


class WatchedSource(Watched):
    """One that continues behind a mark."""

    def after(self, mark):
        return self._tell(self._source.after(mark))


def watched(source, script):
    if iter(source) is source:
        return iter(Watched(source, script))
    return WatchedSource(source, script) if hasattr(source, "after") else Watched(source, script)


# What is done, and what is found


class Attempt(NamedTuple):
    """What was found when an attempt had ended, and what was to be found."""

    taken: int | None  # rows that the source had given when the order came; None: there was none
    done: int  # rows that are handled
    status: str
    found: dict
    expected: dict


def create(names, context):
    """Write a maker for each name."""
    Maker.objects.bulk_create(Maker(name=name) for name in names)
    Gadget.objects.filter(code__in=names).update(enabled=False)
    context.count("created", len(names))


def run(step, supply, *moments, deliver=None):
    """Run attempts until the operation is completed or stopped; return them.

    `deliver(parts, script)` hands the parts of the step to other workers.
    """
    Maker.objects.all().delete()
    script, attempts = Script(moments), []
    step = type("OrderedStep", (step,), {"name": "make", "supply": supply, "script": script})
    texts = {"code": "ordered", "label": "Ordered"}
    job_type = type("OrderedJob", (JobType,), {**texts, "steps": [step], "is_restartable": True})
    with testing.registered(job_type):
        execution = actions.record(job_type, user=UserFactory())
        while not attempts or _is_resumed(execution, attempts[-1]):
            script.begin_attempt()
            with suppress(Killed):
                runner.run(execution.pk, deliver=deliver and partial(deliver, script=script))
            execution.refresh_from_db()
            attempts.append(_attempt(execution, supply, script))
    return attempts


def help_out(parts, script):
    """Do all parts as another worker, each with a moment of its own."""
    for part in parts:
        script.begin_attempt()
        with suppress(Killed):
            runner.run_part(part.pk)
        assert script.taken is not None
        StepExecution.objects.filter(pk=part.pk).release()
    script.begin_attempt()


def _is_resumed(execution, attempt):
    """Do what people or the upkeep do before another attempt; say whether there can be one."""
    is_over = attempt.status in (Status.COMPLETED, Status.STOPPED)
    if is_over or attempt.status != attempt.expected["status"]:
        return False
    execution.all_steps.release()
    if execution.status in RUNNING:
        outcomes.restart(execution, attempt=execution.attempt)
    elif execution.can_resume:
        actions.resume(execution, execution.user)
    return True


def _attempt(execution, supply, script):
    step = execution.steps.get()
    parts = StepExecution.objects.parts_of(step)
    numbers = parts.numbers() if parts.exists() else vars(step)
    done = numbers["counts"].get("read", 0)
    has_failed = execution.status == Status.FAILED
    status = execution.failures[-1]["cause"] if has_failed else execution.status
    is_late = status == Status.COMPLETED and done == len(supply.rows)
    is_obeyed = not is_late and (script.is_asked or script.taken is not None)
    led_to = ORDERS[script.moment.order].status if is_obeyed else Status.COMPLETED
    found = {"status": status, **_found(execution, numbers)}
    expected = {"status": led_to, **supply.when_done(done)}
    if status == Status.COMPLETED:
        found["shown"] = execution.processed, execution.total, execution.warning_count
        expected["shown"] = len(supply.rows), len(supply.rows), expected["warning_count"]
    return Attempt(script.taken, done, status, found, expected)


def _found(execution, numbers):
    warnings = StepWarning.objects.filter(step__execution=execution)
    groups = WarningGroup.objects.filter(step__execution=execution)
    packed = RejectedRows.objects.filter(step__execution=execution)
    return {
        "written": list(Maker.objects.order_by("pk").values_list("name", flat=True)),
        "warnings": Counter((one.reason.split()[0], one.position) for one in warnings),
        "rejects": sorted(line[0] for rows in packed for line in rejects._lines_of(rows)),
        "processed": numbers["processed"],
        "warning_count": numbers["warning_count"],
        "grouped": groups.aggregate(sum=Sum("count"))["sum"] or 0,
        "counts": Counter(numbers["counts"]),
    }
