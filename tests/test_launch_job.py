import json
from io import BytesIO, TextIOWrapper

import pytest
from django import forms
from django.core.management import CommandError, call_command

from akeneo_jobs import JobType, runner
from akeneo_jobs.management.commands import launch_job
from akeneo_jobs.models import JobExecution
from tests.factories import JobProfileFactory, UserFactory

pytestmark = pytest.mark.django_db


class ColourForm(forms.Form):
    colours = forms.MultipleChoiceField(choices=[("red", "Red"), ("blue", "Blue")])


class ColourJob(JobType):
    code = "colour"
    label = "Colour"
    parameters_form = ColourForm


@pytest.fixture
def run_while_waiting(monkeypatch):
    """Run the execution where the command would wait for a worker."""

    def sleep(seconds):
        runner.run(JobExecution.objects.get().pk)

    monkeypatch.setattr(launch_job.time, "sleep", sleep)


def launched(*arguments):
    call_command("launch_job", *arguments)
    return JobExecution.objects.get()


def test_a_job_type_is_launched_for_a_user_with_parameters(capsys):
    UserFactory(username="julia")
    execution = launched("counting", "--user", "julia", "--parameter", "count=8")
    assert (execution.user.username, execution.parameters["count"]) == ("julia", 8)
    assert str(execution.uuid) in capsys.readouterr().out


def test_parameters_come_as_json_too():
    execution = launched("counting", "--parameters", json.dumps({"count": 2}))
    assert execution.parameters["count"] == 2


def test_a_file_parameter_is_a_path(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("text")
    execution = launched("copying", "--parameter", f"file={path}")
    assert execution.files.get().file.read() == b"text"


def test_a_single_value_as_json_and_more_by_name_make_a_list():
    command = launch_job.Command()
    options = {"parameters": '{"colours": "red"}', "parameter": ["colours=blue"]}
    values, _opened = command._values(ColourJob(), options)
    assert values == {"colours": ["red", "blue"]}


def test_a_terminal_without_the_characters_of_the_report_shows_it_all_the_same(run_while_waiting):
    out = TextIOWrapper(BytesIO(), encoding="ascii")
    with pytest.raises(SystemExit):
        call_command("launch_job", "failing", "--wait", stdout=out)
    out.flush()
    assert b"  ? " in out.buffer.getvalue()


def test_a_profile_needs_no_job_type():
    JobProfileFactory(code="nightly", parameters={"count": 9})
    assert launched("--profile", "nightly").parameters["count"] == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name a job type"),
        (["unknown"], "There is no operation “unknown”"),
        (["counting", "--user", "nobody"], "There is no user “nobody”"),
        (["counting", "--profile", "none"], "There is no profile “none”"),
        (["counting", "--parameter", "count"], "name=value"),
        (["counting", "--parameter", "count=x"], "count: Enter a whole number"),
        (["counting", "--parameter", "typo=1"], "There is no parameter “typo”"),
        (["counting", "--parameters", "{"], "no JSON"),
        (["counting", "--parameters", "[1]"], "must be a JSON object"),
        (["copying", "--parameter", "file=/does/not/exist"], "No such file"),
        (["copying", "--parameters", '{"file": "a\\u0000b"}'], "null (byte|character)"),
        (["restricted", "--user", "peter"], "You may not launch"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_recorded(arguments, message):
    UserFactory(username="peter")
    with pytest.raises(CommandError, match=message):
        call_command("launch_job", *arguments)
    assert not JobExecution.objects.exists()


@pytest.mark.parametrize(
    ("code", "exit_code"), [("counting", 0), ("warning", 2), ("failing", 1), ("broken", 1)]
)
def test_the_exit_code_tells_the_outcome(run_while_waiting, capsys, code, exit_code):
    with pytest.raises(SystemExit) as ended:
        call_command("launch_job", code, "--wait")
    assert ended.value.code == exit_code
    assert JobExecution.objects.get().get_status_display() in capsys.readouterr().out


def test_the_report_on_the_terminal_names_warnings_and_failures(run_while_waiting, capsys):
    with pytest.raises(SystemExit):
        call_command("launch_job", "warning", "--wait")
    assert "! 3: 2 is odd" in capsys.readouterr().out


def test_a_wrong_option_does_not_look_like_warnings(capsys):
    with pytest.raises(SystemExit) as ended:
        launch_job.Command().run_from_argv(["manage.py", "launch_job", "counting", "--nonsense"])
    assert ended.value.code == 1
    assert "--nonsense" in capsys.readouterr().err
