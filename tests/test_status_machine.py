"""Person, worker, reaper and queue act on one execution in any order, also on what they read long
ago: nothing forbidden happens, and everybody is told once."""

from contextlib import suppress
from copy import copy

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from akeneo_jobs import actions, outcomes, queue, runner
from akeneo_jobs.context import StepContext
from akeneo_jobs.exceptions import AttemptReplaced, InvalidTransition
from akeneo_jobs.models import JobExecution, Notification, StepExecution, StepWarning
from akeneo_jobs.statuses import FINISHED, RUNNING, TRANSITIONS, Status
from tests.factories import UserFactory

ARROWS = {(origin, target) for origins, target in TRANSITIONS.values() for origin in origins}
TOLD = {Status.COMPLETED, Status.FAILED}
FINAL = {Status.COMPLETED, Status.STOPPED}
BOUNDS = settings(
    max_examples=30,
    phases=[Phase.generate],  # Phase.shrink makes a failure short to read, in minutes.
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Worker:
    """An attempt that is driven by hand instead of by its job's code."""

    def __init__(self, execution):
        runner._start(execution)
        self.attempt = runner.Attempt(execution)
        values = self.attempt._prepare()
        self.is_at_step = self.attempt._begin_step(1)
        step, beat, log = self.attempt.step, self.attempt.beat, self.attempt.log
        if self.is_at_step:
            self.context = StepContext(execution, step, values, beat, log)

    @property
    def order(self):
        return self.attempt.beat.tally.order

    def work(self):
        self.attempt.beat.tally.processed += 1
        self.context.count("created")
        self.context.warn("odd")

    def commit(self, checkpoint):
        self.context.checkpoint = checkpoint

    def end(self, verb, failure=None):
        self.attempt._end(verb, failure)


PATIENCE = 5  # changes that people watch before they stop it
JOB_TYPES = st.sampled_from(["restartable", "restartable", "counting"])
AGES = st.sampled_from([0, 0, 0, 1, 2, 3])  # how many changes ago somebody has read the row
PLACES = st.sampled_from([-1, -1, -2, -3])  # of a worker, the latest is the last


class ExecutionMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.user = UserFactory()
        self.workers, self.retired = [], []

    @initialize(job_type=JOB_TYPES)
    def launch(self, job_type):
        self.pk = actions.record(job_type, user=self.user).pk
        self.told = 0
        self.reads = [self.read_now()]
        self.before = self.everything()

    @precondition(lambda self: self.status in FINAL)
    @rule(job_type=JOB_TYPES)
    def launch_another(self, job_type):
        self.teardown()
        self.launch(job_type)

    def teardown(self):
        for worker in self.workers + self.retired:
            worker.attempt._leave()
        self.workers, self.retired = [], []
        JobExecution.objects.all().delete()

    @property
    def status(self):
        return self.before[0]["status"]

    def read(self, age):
        """Return the execution as somebody has read it, now or long ago."""
        return copy(self.reads[-1 - min(age, len(self.reads) - 1)])

    def worker(self, place):
        return self.workers[max(place, -len(self.workers))]

    def retire(self, place):
        worker = self.worker(place)
        self.workers.remove(worker)
        self.retired.append(worker)
        return worker

    # What everybody does

    @precondition(lambda self: self.status == Status.STARTING)
    @rule()
    def start(self):
        self.workers.append(Worker(self.read_now()))

    @rule(age=AGES)
    def start_what_was_delivered_long_ago(self, age):
        with suppress(InvalidTransition):
            self.workers.append(Worker(self.read(age)))

    @precondition(lambda self: self.status not in FINAL)
    @rule(age=AGES, act=st.sampled_from([actions.pause, actions.resume, actions.resume]))
    def ask(self, age, act):
        with suppress(InvalidTransition):
            act(self.read(age), self.user)

    @precondition(lambda self: len(self.reads) > PATIENCE)
    @rule(age=AGES)
    def stop(self, age):
        with suppress(InvalidTransition):
            actions.stop(self.read(age), self.user)

    @precondition(lambda self: self.status in RUNNING)
    @rule()
    def reap(self):
        outcomes.lose(self.read_now(), "lost", lambda: "It gave no sign of life.")

    @rule(age=AGES)
    def reap_what_was_silent_long_ago(self, age):
        read = self.read(age)
        if read.status in RUNNING:
            outcomes.lose(read, "lost", lambda: "It gave no sign of life.")

    @precondition(lambda self: self.workers)
    @rule(place=PLACES)
    def beat(self, place):
        worker = self.worker(place)
        self.as_attempt(worker, worker.attempt.beat.save)

    @precondition(lambda self: self.workers)
    @rule(place=PLACES, checkpoint=st.integers(1, 9))
    def commit(self, place, checkpoint):
        worker = self.worker(place)
        if worker.is_at_step:
            worker.work()
            self.as_attempt(worker, lambda: worker.commit(checkpoint))

    @precondition(lambda self: len(self.reads) > PATIENCE and self.workers)
    @rule(place=PLACES)
    def complete(self, place):
        worker = self.retire(place)
        if worker.is_at_step:
            self.as_attempt(worker, worker.attempt._complete_step)
        self.as_attempt(worker, lambda: worker.end("complete"))

    @precondition(lambda self: self.workers)
    @rule(place=PLACES)
    def fail(self, place):
        failure = {"cause": "error", "reason": "ZeroDivisionError", "step": None, "attempt": 1}
        worker = self.retire(place)
        self.as_attempt(worker, lambda: worker.end("fail", failure))

    @precondition(lambda self: self.workers)
    @rule(place=PLACES)
    def give_way(self, place):
        worker = self.retire(place)
        if worker.attempt.execution.is_restartable:
            self.as_attempt(worker, lambda: worker.end("restart"))

    @precondition(lambda self: self.workers)
    @rule(place=PLACES)
    def obey(self, place):
        worker = self.worker(place)
        self.as_attempt(worker, worker.attempt.beat.save)
        if worker.order in runner.VERBS:
            self.retire(place)
            self.as_attempt(worker, lambda: worker.end(runner.VERBS[worker.order]))

    def as_attempt(self, worker, act):
        """Act for an attempt; one that was replaced changes nothing at all."""
        row = self.read_now()
        is_replaced = row.attempt != worker.attempt.number or row.status not in RUNNING
        before = self.everything()
        with suppress(AttemptReplaced, InvalidTransition):
            act()
        if is_replaced:
            assert self.everything() == before
        self.check_arrow()

    # What holds at every moment

    @invariant()
    def check_arrow(self):
        row, now = self.read_now(), self.everything()
        was = self.before[0]
        if was["status"] != row.status:
            assert (was["status"], row.status) in ARROWS
            assert was["status"] not in FINAL
            self.told += row.status in TOLD
        assert row.attempt - was["attempt"] in (0, 1)
        assert row.attempt == was["attempt"] or row.status in RUNNING
        if self.before != now:
            self.reads.append(row)
        self.before = now

    @invariant()
    def everybody_is_told_once(self):
        told = Notification.objects.filter(execution=self.pk)
        assert told.count() == self.told
        assert told.values("attempt").distinct().count() == self.told

    @invariant()
    def the_row_is_true(self):
        row = self.read_now()
        assert (row.ended_at is not None) == (row.status in FINISHED)
        assert bool(row.failures) or row.status != Status.FAILED
        if row.status in FINISHED:
            assert not row.steps.filter(status__in=RUNNING).exists()

    def read_now(self):
        return JobExecution.objects.select_related("user").get(pk=self.pk)

    def everything(self):
        """Return all that is written, the execution's row first."""
        tables = (
            JobExecution.objects.filter(pk=self.pk),
            StepExecution.objects.order_by("pk"),
            StepWarning.objects.order_by("pk"),
            Notification.objects.order_by("pk"),
        )
        return [row for table in tables for row in table.values()]


@pytest.mark.django_db
def test_no_interleaving_breaks_the_status_machine(monkeypatch):
    monkeypatch.setattr(queue, "dequeue", lambda _execution: None)
    run_state_machine_as_test(ExecutionMachine, settings=BOUNDS)
