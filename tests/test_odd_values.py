"""Odd values from a host's code or a client: a clear outcome, never a lie and never a crash."""

import sys
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from akeneo_jobs import JobFailed, JobType, actions, parameters, testing
from akeneo_jobs.models import JobExecution, StepWarning
from akeneo_jobs.secrecy import SECRET
from tests.factories import JobExecutionFactory, JobProfileFactory, UserFactory

pytestmark = pytest.mark.django_db


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def fail(error):
    raise error


@pytest.fixture
def run_code():
    """Run one line of a host's code as a job."""

    def run(code):
        class OddJob(JobType):
            code = "odd"
            label = "Odd job"
            kind = "rule"

            def run(self, context):
                body(context)

        body = code
        with testing.registered(OddJob):
            return testing.run("odd", user=UserFactory())

    return run


@pytest.mark.parametrize(
    "code",
    [
        lambda context: context.warn("x", item={"price": float("nan")}),
        lambda context: context.warn("\ud800\0"),
        lambda context: context.warn("x", item={"\ud800": "\0"}, field="\0", code="\ud800"),
        lambda context: context.warn(Unspeakable()),
    ],
)
def test_odd_warnings_are_made_readable(run_code, code):
    execution = run_code(code)
    assert (execution.status, execution.warning_count) == ("completed", 1)
    assert StepWarning.objects.count() == 1


@pytest.mark.parametrize(
    "code",
    [
        lambda context: context.warn("x", position=-1),
        lambda context: context.warn("x", position="B7"),
        lambda context: context.warn("x", position=2**70),
        lambda context: context.count("a", Decimal("1.5")),
        lambda context: context.count("a", float("nan")),
        lambda context: list(context.track([1], total=2**70)),
        lambda context: sys.exit(3),
        lambda context: fail(Unspeakable()),
        lambda context: fail(JobFailed("\0\ud800")),
        lambda context: context.count("a", 2**70) or context.count("\ud800"),
    ],
)
def test_what_cannot_be_counted_fails_the_job_with_its_cause(run_code, code):
    execution = run_code(code)
    assert execution.is_finished
    if execution.status == "failed":
        assert execution.failures[0]["reason"]


def test_secrets_stay_hidden_when_the_host_drops_the_job_type(client):
    execution = JobExecutionFactory(
        job_type="dropped", parameters={"token": "hunter2"}, secret_parameters=["token"]
    )
    client.force_login(UserFactory())
    for url in (execution.get_absolute_url(), f"/api/jobs/executions/{execution.uuid}/"):
        assert b"hunter2" not in client.get(url).content


def test_a_launch_remembers_which_parameters_are_secret():
    assert actions.launch("counting").secret_parameters == ["password"]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"password": "\ud800"}, "password"),
        ({"password": ContentFile(b"x", name="a.txt")}, "password"),
        ({"count": [1]}, "count"),
        ({"count": {"a": 1}}, "count"),
    ],
)
def test_odd_parameters_are_refused_by_name(values, named):
    with pytest.raises(ValidationError) as error:
        actions.launch("counting", parameters=values)
    assert list(error.value.message_dict) == [named]
    assert not JobExecution.objects.exists()


class OddForm(forms.Form):
    day = forms.DateField(required=False)
    kinds = forms.MultipleChoiceField(choices=[("a", "A")], required=False)
    moment = forms.SplitDateTimeField(required=False)
    extra = forms.JSONField(required=False)

    def clean(self):
        return {**super().clean(), "derived": object()}


class OddForms(JobType):
    code = "odd_forms"
    label = "Odd forms"
    kind = "rule"
    parameters_form = OddForm

    def run(self, context):
        context.count("read")


@pytest.mark.parametrize("name", ["moment", "day", "kinds"])
@pytest.mark.parametrize("value", [5, "x", [1], {"a": 1}, True])
def test_a_value_of_the_wrong_type_is_refused(name, value):
    with testing.registered(OddForms), pytest.raises(ValidationError) as error:
        actions.launch("odd_forms", parameters={name: value})
    assert list(error.value.message_dict) == [name]


@pytest.mark.parametrize("extra", ["hello", 3, [1], {"a": None}])
def test_any_json_goes_into_a_json_field(extra):
    with testing.registered(OddForms):
        execution = testing.run("odd_forms", parameters={"extra": extra})
    assert (execution.status, execution.parameters["extra"]) == ("completed", extra)


def test_a_form_that_adds_values_of_its_own_is_launched_from_the_page(client):
    client.force_login(UserFactory())
    data = {"moment_0": "2026-05-04", "moment_1": "03:02", "extra": '{"a": 1}'}
    with testing.registered(OddForms):
        response = client.post("/jobs/launch/odd_forms/", data)
    assert response.status_code == 302
    stored = JobExecution.objects.get().parameters
    assert (stored["extra"], stored["moment"][:16]) == ({"a": 1}, "2026-05-04T03:02")


def test_a_masked_secret_sent_back_at_launch_stays_what_it_is():
    profile = JobProfileFactory(parameters={"password": "hush"})
    execution = actions.launch_profile(profile, parameters={"password": SECRET})
    assert execution.parameters["password"] == "hush"


def test_a_launch_that_is_not_allowed_says_so_and_leads_back(client):
    client.force_login(UserFactory())
    response = client.get("/jobs/launch/restricted/", follow=True)
    assert response.redirect_chain == [("/jobs/launch/", 302)]
    assert "You may not launch this operation." in response.content.decode()


def test_anonymous_visitors_learn_nothing_of_job_types(client):
    assert client.get("/jobs/launch/nope/").status_code == 302


def test_a_row_among_the_parameters_is_called_by_its_name():
    from django.contrib.auth.models import Group

    class GroupForm(forms.Form):
        group = forms.ModelChoiceField(Group.objects.all())

    job_type = type("GroupJob", (JobType,), {"code": "g", "parameters_form": GroupForm})()
    group = Group.objects.create(name="Editors")
    assert list(parameters.labelled(job_type, {"group": group.pk})) == [("Group", "Editors")]
