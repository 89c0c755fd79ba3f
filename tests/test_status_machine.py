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
    rule,
    run_state_machine_as_test,
)

from akeneo_jobs import actions, attempt, outcomes, queue, runner
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
        self.attempt = attempt.Attempt(execution)
        self.attempt.steps, values = self.attempt.inputs.load()
        self.attempt._create_steps()
        self.is_at_step = self.attempt._begin_step(1)
        step, beat, log = self.attempt.step, self.attempt.beat, self.attempt.log
        if self.is_at_step:
            self.context = StepContext(execution, step, values, beat, log)

    def beat(self):
        self.attempt.beat.save()

    def commit(self):
        if self.is_at_step:
            self.attempt.beat.tally.processed += 1
            self.context.count("created")
            self.context.warn("odd")
            self.context.checkpoint = self.attempt.beat.tally.processed

    def complete_step(self):
        if self.is_at_step:
            self.attempt._complete_step()

    def complete(self):
        self.attempt._end("complete")

    def fail(self):
        failure = outcomes.failure("error", "ZeroDivisionError", attempt=self.attempt.number)
        self.attempt._end("fail", failure)

    def give_way(self):
        if self.attempt.execution.is_restartable:
            self.attempt._end("restart")

    def obey(self):
        self.beat()
        order = self.attempt.beat.asked
        if order in attempt.VERBS:
            self.attempt._end(attempt.VERBS[order])


PATIENCE = 5  # changes that people watch before they stop it
JOB_TYPES = ["restartable", "restartable", "counting"]
PEOPLE_DO = ["pause", "resume", "resume", "resume", "stop"]
OTHERS_DO = ["deliver", "deliver", "deliver", "reap", "reap"]
ATTEMPTS_DO = ["beat", "beat", "commit", "commit", "complete", "fail", "give_way", "obey"]
ACTS = PEOPLE_DO + OTHERS_DO + ATTEMPTS_DO
BEGINNINGS = ["deliver", "deliver", "deliver", "resume", "resume", "reap"]
AGES = [0, 0, 0, 1, 2, 3]  # how many changes ago somebody has read the row
PLACES = [-1, -1, -2, -2, -3]  # of a worker, the latest is the last


class ExecutionMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.user = UserFactory()
        self.workers, self.retired = [], []

    @initialize(random=st.randoms(use_true_random=True))
    def begin(self, random):
        self.random = random  # Freely drawn moves go deeper than those that hypothesis varies.
        self.launch()

    def launch(self):
        self.pk = actions.record(self.random.choice(JOB_TYPES), user=self.user).pk
        self.told = 0
        self.reads = [self.read_now()]
        self.before = self.everything()

    def launch_another(self):
        self.teardown()
        self.launch()

    def teardown(self):
        for worker in self.workers + self.retired:
            worker.attempt._leave()
        self.workers, self.retired = [], []
        JobExecution.objects.all().delete()

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

    @rule()
    def act(self):
        if self.before[0]["status"] in FINAL and self.random.random() < 0.3:
            return self.launch_another()
        name = self.random.choice(ACTS if self.workers else BEGINNINGS)
        if name in ATTEMPTS_DO:
            return self.go_on(getattr(Worker, name), self.random.choice(PLACES))
        return getattr(self, name)(self.read(self.random.choice(AGES)))

    def deliver(self, read):
        with suppress(InvalidTransition):
            self.workers.append(Worker(read))

    def reap(self, read):
        if read.status in RUNNING:
            outcomes.lose(read, "lost", lambda: "It gave no sign of life.")

    def resume(self, read):
        self.ask(actions.resume, read)

    def pause(self, read):
        self.ask(actions.pause, read)

    def stop(self, read):
        if len(self.reads) > PATIENCE:
            self.ask(actions.stop, read)

    def ask(self, act, read):
        with suppress(InvalidTransition):
            act(read, self.user)

    def go_on(self, act, place):
        if not self.workers:
            return
        is_last = act not in (Worker.beat, Worker.commit)
        worker = self.retire(place) if is_last else self.worker(place)
        if act == Worker.complete:
            self.as_attempt(worker, Worker.complete_step)
        self.as_attempt(worker, act)

    def as_attempt(self, worker, act):
        """Act for an attempt; one that was replaced changes nothing at all."""
        row = self.read_now()
        is_replaced = row.attempt != worker.attempt.number or row.status not in RUNNING
        before = self.everything()
        with suppress(AttemptReplaced, InvalidTransition):
            act(worker)
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
        is_new = (was["status"], row.status) == (Status.STARTING, Status.STARTED)
        assert row.attempt - was["attempt"] == is_new
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
