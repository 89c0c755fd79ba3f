"""A dry run tells what would happen, and nothing does."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from akeneo_jobs import actions, runner
from akeneo_jobs.exceptions import GiveWay
from akeneo_jobs.statuses import Status
from tests.factories import UserFactory
from tests.job_types import TriedAgainStep, TriedStep

pytestmark = pytest.mark.django_db(databases="__all__")


def dry_run(user=None, **options):
    execution = actions.launch("tried", user=user or UserFactory(), dry_run=True, **options)
    runner.run(execution.pk)
    execution.refresh_from_db()
    return execution


def test_nothing_is_left_of_a_dry_run_but_its_report():
    Group.objects.create(name="c")
    execution = dry_run()
    first, second = execution.steps.all()
    assert list(Group.objects.values_list("name", flat=True)) == ["c"]
    assert (execution.status, execution.is_dry_run) == (Status.COMPLETED, True)
    assert first.counts == {"read": 5, "created": 2, "unchanged": 2, "skipped": 1}
    assert (first.status, first.processed, first.warning_count) == ("completed", 5, 1)
    assert first.warnings.get().field == "name"
    assert second.counts == {"found": 3}  # A later step finds what an earlier one has created.


def test_the_preview_shows_the_first_of_each_outcome(settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "PREVIEWS_KEPT": 1}
    step = dry_run().steps.first()
    assert step.preview == [
        {
            "outcome": "created",
            "label": "a",
            "changes": [{"field": "name", "old": None, "new": "a"}],
        },
        {
            "outcome": "unchanged",
            "label": "a",
            "changes": [{"field": "name", "old": "a", "new": "a"}],
        },
    ]


def test_it_is_launched_for_real_from_its_report():
    execution = dry_run()
    child = actions.launch_for_real(execution, execution.user)
    runner.run(child.pk)
    assert (child.is_dry_run, child.parent) == (False, execution)
    assert Group.objects.count() == 3


def test_what_writes_elsewhere_cannot_be_tried():
    with pytest.raises(ValidationError, match="cannot be tried"):
        actions.launch("counting", dry_run=True)


def test_a_dry_run_that_fails_leaves_nothing_either(monkeypatch):
    def fail(self, context):
        raise TypeError("a bug")

    monkeypatch.setattr(TriedAgainStep, "run", fail)
    execution = dry_run()
    first, second = execution.steps.all()
    assert (execution.status, Group.objects.count()) == (Status.FAILED, 0)
    assert (first.status, first.counts["created"]) == ("completed", 3)
    assert (second.status, execution.failures[0]["step"]) == ("failed", "Again")


def test_a_dry_run_that_gave_way_begins_anew(monkeypatch):
    original = TriedStep.process

    def give_way(self, name, context):
        if name == "c" and context.execution.attempt == 1:
            raise GiveWay
        return original(self, name, context)

    monkeypatch.setattr(TriedStep, "process", give_way)
    execution = dry_run()
    assert execution.status == Status.STARTING
    runner.run(execution.pk)
    first = execution.steps.first()
    assert first.counts == {"read": 5, "created": 3, "unchanged": 1, "skipped": 1}
    assert (first.warning_count, first.warnings.count()) == (1, 1)
