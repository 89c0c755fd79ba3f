"""Person, worker, reaper and queue act on one execution in any order, also on what they read long
ago: nothing forbidden happens, and everybody is told once."""

from contextlib import suppress
from copy import copy

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
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
    max_examples=40,
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
    def number(self):
        return self.attempt.number

    @property
    def order(self):
        return self.attempt.beat.tally.order

    def work(self):
        self.attempt.beat.tally.processed += 1
        self.context.count("created")
        self.context.warn("odd")

    def end(self, verb, failure=None):
        self.attempt._end(verb, failure)

    def leave(self):
        self.attempt._leave()


class ExecutionMachine(RuleBasedStateMachine):
    reads = Bundle("reads")  # the execution as somebody has read it, now or long ago
    workers = Bundle("workers")

    @initialize(target=reads, job_type=st.sampled_from(["restartable", "counting"]))
    def launch(self, job_type):
        self.user = UserFactory()
        self.pk = actions.record(job_type, user=self.user).pk
        self.told, self.all_workers = 0, []
        self.before = self.everything()
        return self.read_now()

    def teardown(self):
        for worker in self.all_workers:
            worker.leave()
        JobExecution.objects.all().delete()

    # What everybody does

    @rule(target=reads)
    def read(self):
        return self.read_now()

    @rule(target=workers, read=reads)
    def start(self, read):
        try:
            worker = Worker(copy(read))
        except (InvalidTransition, AttemptReplaced):
            return None
        self.all_workers.append(worker)
        return worker

    @rule(read=reads, act=st.sampled_from([actions.stop, actions.pause, actions.resume]))
    def ask(self, read, act):
        with suppress(InvalidTransition):
            act(copy(read), self.user)

    @rule(read=reads)
    def reap(self, read):
        if read.status in RUNNING:
            outcomes.lose(copy(read), "lost", lambda: "It gave no sign of life.")

    @rule(worker=workers)
    def beat(self, worker):
        if worker and worker.is_at_step:
            self.as_attempt(worker, worker.attempt.beat.save)

    @rule(worker=workers, checkpoint=st.integers(1, 9))
    def commit(self, worker, checkpoint):
        def act():
            worker.work()
            worker.context.checkpoint = checkpoint

        if worker and worker.is_at_step and not worker.order:
            self.as_attempt(worker, act)

    @rule(worker=workers)
    def work(self, worker):
        if worker and worker.is_at_step:
            worker.work()

    @rule(worker=consumes(workers))
    def complete(self, worker):
        if worker:
            self.as_attempt(worker, worker.attempt._complete_step, worker.is_at_step)
            self.as_attempt(worker, lambda: worker.end("complete"))

    @rule(worker=consumes(workers))
    def fail(self, worker):
        failure = {"cause": "error", "reason": "ZeroDivisionError", "step": None, "attempt": 1}
        if worker:
            self.as_attempt(worker, lambda: worker.end("fail", failure))

    @rule(worker=consumes(workers))
    def give_way(self, worker):
        if worker and worker.attempt.execution.is_restartable:
            self.as_attempt(worker, lambda: worker.end("restart"))

    @rule(worker=consumes(workers))
    def obey(self, worker):
        if worker and worker.order in runner.VERBS:
            self.as_attempt(worker, lambda: worker.end(runner.VERBS[worker.order]))

    def as_attempt(self, worker, act, is_due=True):
        """Act for an attempt; one that was replaced changes nothing at all."""
        row = self.read_now()
        is_replaced = row.attempt != worker.number or row.status not in RUNNING
        before = self.everything()
        if is_due:
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
