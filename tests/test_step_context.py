"""What the code of a step may rely on."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from akeneo_jobs import ItemRefused, ItemStep, JobType, actions, outcomes, runner, slots, testing
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.io import read_csv
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, UserFactory
from tests.job_types import CopyingJob, EndlessJob, ListNumbers, Load, PartedJob

pytestmark = pytest.mark.django_db(databases="__all__")


class BaseJob(JobType):
    code = "of_the_test"
    label = "Job of the test"
    kind = "import"


def job_type(**attributes):
    return testing.registered(type("Job", (BaseJob,), attributes))


def do(code, **attributes):
    """Run a job type whose `run` is such a function of the context."""
    with job_type(run=lambda self, context: code(context), **attributes):
        return testing.run("of_the_test", user=UserFactory())


def content_of(execution, role):
    with execution.files.get(role=role).file.open("rb") as file:
        return file.read()


def ask_to_stop(context):
    JobExecution.objects.get(pk=context.execution.pk).apply("request_stop")


def test_a_stop_comes_between_two_items_and_undoes_a_transaction_around_them():
    seen = []

    def run(context):
        ask_to_stop(context)
        try:
            with transaction.atomic():
                for number in context.track(range(5)):
                    Group.objects.create(name=str(number))
                    seen.append(number)
                    context._beat.save()
        finally:
            seen.append("finally")

    assert do(run).status == Status.STOPPED
    assert seen == [0, "finally"]
    assert not Group.objects.exists()


def test_a_stop_is_not_swallowed_by_an_except_around_the_loop():
    def run(context):
        ask_to_stop(context)
        try:
            for _number in context.track(range(5)):
                context._beat.save()
        except Exception:
            context.count("swallowed")

    execution = do(run)
    assert (execution.status, execution.steps.get().counts) == (Status.STOPPED, {})


def test_a_warning_has_the_position_of_the_item_in_hand():
    def run(context):
        for name in context.track("abc"):
            if name != "a":
                context.warn(f"It is {name}.")

    assert list(do(run).steps.get().warnings.values_list("position", flat=True)) == [2, 3]


def test_a_file_whose_block_raises_is_not_offered():
    def run(context):
        with context.open_output("whole.txt") as file:
            file.write("whole")
        with context.open_output("half.txt") as file:
            file.write("half")
            raise ValueError("no more")

    execution = do(run)
    assert execution.status == Status.FAILED
    assert execution.files.get(role="output").name == "whole.txt"


def test_an_item_of_which_nothing_is_to_be_written_is_left_out_without_a_word():
    class Choosing(Load):
        def process(self, item, context):
            return None if item == 2 else item

    with job_type(steps=[Choosing]):
        execution = testing.run("of_the_test")
    assert execution.warning_count == 0
    assert execution.steps.get().counts == {"read": 5, "written": 4}


def test_an_input_that_was_not_given_is_not_found():
    execution = do(lambda context: context.open_input("nothing"))
    assert execution.failures[0]["reason"].startswith("FileNotFoundError")


def test_a_list_of_rows_is_handed_back_if_the_step_says_where_they_come_from():
    class Sorted(ItemStep):
        def read(self, context):
            rows = read_csv(ContentFile(b"sku;name\n2;b\n1;a\n", name="p.csv"), delimiter=";")
            context.read_from(rows)
            return sorted(rows, key=lambda row: row["sku"])

        def process(self, row, context):
            raise ItemRefused("No.")

        def write(self, items, context):
            """Nothing is left."""

    with job_type(steps=[Sorted]):
        execution = testing.run("of_the_test")
    assert (
        content_of(execution, "rejects") == b"#row;#reasons;sku;name\r\n1;No.;2;b\r\n2;No.;1;a\r\n"
    )


def test_a_step_joins_the_files_of_its_parts_as_it_likes():
    class Backwards(ListNumbers):
        def join(self, name, files, output):
            for file in reversed(files):
                with file.open("rb") as content:
                    output.write(content.read().split(b"\n")[0] + b";")

    with job_type(steps=[Backwards], parameters_form=PartedJob.parameters_form):
        execution = testing.run("of_the_test")
    assert content_of(execution, "output") == b"30;20;10;0;"


def test_a_dry_run_is_never_split():
    class Whole(ListNumbers):
        def read(self, context):
            assert (context.slice, context.part) == (None, 0)
            return range(3)

    form = PartedJob.parameters_form
    with job_type(steps=[Whole], can_dry_run=True, parameters_form=form):
        execution = actions.record("of_the_test", user=UserFactory(), is_dry_run=True)
        runner.run(execution.pk)
        execution.refresh_from_db()
    assert (execution.status, execution.all_steps.count()) == (Status.COMPLETED, 1)


def test_what_cannot_be_stopped_has_no_button_and_refuses(client):
    with job_type(is_stoppable=False, run=EndlessJob.run):
        execution = JobExecutionFactory(job_type="of_the_test", status=Status.STARTED)
        client.force_login(execution.user)
        assert "/stop/" not in client.get(execution.get_absolute_url()).content.decode()
        with pytest.raises(InvalidTransition):
            actions.stop(execution, execution.user)


def test_a_job_type_names_its_queue(settings):
    settings.RQ_QUEUES = {**settings.RQ_QUEUES, "night": settings.RQ_QUEUES["default"]}
    assert do(lambda context: None, queue="night").queue == "night"
    assert do(lambda context: None).queue == "default"


def test_a_key_of_none_limits_nothing():
    with job_type(max_running=1, unique_key=lambda self, parameters, profile: None, run=print):
        one, other = (actions.record("of_the_test") for _ in range(2))
        slots.start(one)
        slots.start(other)
    assert (one.status, other.status, other.slot) == ("started", "started", None)


def test_what_is_resumed_waits_for_a_slot_like_a_new_one():
    with job_type(max_running=1, is_restartable=True, run=print):
        one, other = (actions.record("of_the_test", user=UserFactory()) for _ in range(2))
        slots.start(one)
        outcomes.end(one, "fail")
        slots.start(other)
        actions.resume(one, one.user)
        runner.run(one.pk)
        one.refresh_from_db()
    assert (one.status, one.is_waiting_for_slot) == (Status.STARTING, True)


@pytest.mark.parametrize("name", ["started", "finished", "notified"])
def test_a_hook_that_raises_is_logged_and_changes_nothing(caplog, name):
    def hook(self, execution):
        Group.objects.create(name="of the hook")
        raise RuntimeError("broken")

    execution = do(lambda context: context.count("read"), **{name: hook})
    assert (execution.status, execution.steps.get().counts) == (Status.COMPLETED, {"read": 1})
    assert f"hook {name} of job type of_the_test failed" in caplog.text
    assert not Group.objects.exists()


def test_a_script_may_launch_what_needs_a_permission():
    assert testing.run("restricted").status == Status.COMPLETED


def test_a_missing_upload_is_named_before_anything_is_recorded():
    with pytest.raises(ValidationError) as refused:
        actions.record(CopyingJob, user=UserFactory())
    assert "file" in refused.value.message_dict
    assert not JobExecution.objects.exists()
