import pytest

from akeneo_jobs import actions, runner, testing
from akeneo_jobs.models import JobExecution, StepWarning
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory
from tests.job_types import CountingJob

pytestmark = pytest.mark.django_db


def test_a_job_type_that_ends_well_is_completed():
    execution = testing.run("counting", parameters={"count": 5})
    assert (execution.status, execution.level, execution.issue_count) == ("completed", "success", 0)
    step = execution.steps.get()
    assert (step.counts, step.processed, step.total) == ({"read": 5}, 5, 5)


def test_warnings_leave_an_execution_completed_and_yellow():
    execution = testing.run("warning", parameters={"count": 3})
    assert (execution.status, execution.level, execution.issue_count) == ("completed", "warning", 3)
    last = StepWarning.objects.filter(step__execution=execution).last()
    assert (last.position, last.field, last.code) == (3, "number", "odd")
    assert last.item == {"number": 2}


def test_an_expected_failure_shows_its_text():
    execution = testing.run("failing")
    assert (execution.status, execution.level, execution.issue_count) == ("failed", "error", 1)
    assert execution.failures == [
        {
            "cause": "failed",
            "reason": "The file of the supplier is missing.",
            "step": "Failing job",
            "attempt": 1,
        }
    ]


def test_an_unexpected_error_is_named_and_its_traceback_is_in_the_log_only():
    execution = testing.run("broken")
    assert execution.failures[0]["reason"] == "ZeroDivisionError: division of a secret by zero"
    assert "Traceback" not in str(execution.failures)
    assert b"Traceback" in execution.log_file.file.read()


def test_a_failed_step_keeps_what_it_counted():
    step = testing.run("broken").steps.get()
    assert (step.status, step.level, step.counts) == ("failed", "error", {"read": 7})


def test_steps_run_in_their_order_and_keep_their_own_counts():
    first, second = testing.run("two_steps").steps.all()
    assert first.counts == {"read": 2}
    assert (second.counts, second.warning_count) == ({"read": 5, "written": 4}, 1)


def test_an_item_step_warns_at_the_position_of_the_item():
    execution = testing.run("two_steps")
    assert StepWarning.objects.get(step__execution=execution).position == 4


def test_input_and_output_files_are_kept(tmp_path):
    from django.core.files.base import ContentFile

    upload = ContentFile("größe".encode(), name="in.txt")
    execution = testing.run("copying", parameters={"file": upload})
    assert execution.parameters == {"file": "in.txt", "mode": "fast"}
    assert execution.files.get(role="output").file.read() == "größe".encode()
    assert execution.files.get(role="input").parameter == "file"


def test_a_second_delivery_finds_the_execution_taken():
    execution = testing.run("counting")
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert execution.attempt == 1


def test_a_delivery_after_a_rollback_does_nothing():
    runner.run(123456789)
    assert not JobExecution.objects.exists()


def test_an_execution_that_was_stopped_while_it_waited_is_not_run():
    execution = JobExecutionFactory()
    actions.stop(execution, execution.user)
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert (execution.status, execution.attempt) == (Status.STOPPED, 0)


def test_a_dropped_job_type_fails_with_a_sentence():
    execution = JobExecutionFactory(job_type="dropped")
    runner.run(execution.pk)
    execution.refresh_from_db()
    assert execution.status == Status.FAILED
    assert execution.failures[0]["reason"] == "There is no operation “dropped”."
    assert execution.label == "dropped"


def test_a_broken_hook_does_not_change_the_outcome(monkeypatch):
    def finished(self, execution):
        raise RuntimeError("hook")

    monkeypatch.setattr(CountingJob, "finished", finished)
    assert testing.run("counting").status == Status.COMPLETED


def test_a_stop_requested_during_the_last_item_of_a_step_keeps_later_steps_from_running(
    monkeypatch,
):
    from tests import job_types

    def run(self, context):
        JobExecution.objects.get(pk=context.execution.pk).apply("request_stop")

    monkeypatch.setattr(job_types.Extract, "run", run)
    execution = testing.run("two_steps")
    assert execution.status == Status.STOPPED
    assert [step.status for step in execution.steps.all()] == ["completed", "starting"]
