import datetime
from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from akeneo_jobs import JobType, parameters, secrecy
from tests.factories import JobFileFactory
from tests.job_types import CopyingJob, CountingJob


class EveryFieldForm(forms.Form):
    text = forms.CharField(initial="a")
    number = forms.DecimalField(initial=Decimal("1.50"))
    day = forms.DateField(initial=datetime.date(2026, 1, 31))
    moment = forms.SplitDateTimeField(required=False)
    flag = forms.BooleanField(required=False, initial=True)
    colours = forms.MultipleChoiceField(
        choices=[("r", "Red"), ("g", "Green")], initial=["r"], required=False
    )
    group = forms.ModelChoiceField(Group.objects.all(), required=False)
    groups = forms.ModelMultipleChoiceField(Group.objects.all(), required=False)
    extra = forms.JSONField(required=False)


class EveryField(JobType):
    code = "every_field"
    label = "Every field"
    kind = "rule"
    parameters_form = EveryFieldForm
    secret_parameters = ("text",)


def round_trip(**values):
    stored, _uploads = parameters.clean(EveryField(), values)
    return parameters.load(EveryField(), stored, {})


@pytest.mark.django_db
def test_missing_values_are_the_initial_ones():
    values = round_trip()
    assert values["number"] == Decimal("1.50")
    assert values["day"] == datetime.date(2026, 1, 31)
    assert (values["flag"], values["colours"], values["group"]) == (True, ["r"], None)


@pytest.mark.django_db
def test_every_type_comes_back_as_it_went_in():
    group = Group.objects.create(name="editors")
    moment = datetime.datetime(2026, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
    given = {
        "text": "é\n",
        "number": Decimal("2.25"),
        "moment": moment,
        "flag": False,
        "colours": ["g", "r"],
        "group": group,
        "groups": [group],
        "extra": {"a": [1, None]},
    }
    values = round_trip(**given)
    assert list(values.pop("groups")) == given.pop("groups")
    assert values["text"] == "é"
    assert {name: values[name] for name in given if name != "text"} == {
        name: value for name, value in given.items() if name != "text"
    }


@pytest.mark.django_db
def test_a_row_deleted_since_the_launch_is_named():
    stored, _uploads = parameters.clean(EveryField(), {"group": Group.objects.create(name="x")})
    Group.objects.all().delete()
    with pytest.raises(ValidationError) as error:
        parameters.load(EveryField(), stored, {})
    assert list(error.value.message_dict) == ["group"]


@pytest.mark.django_db
def test_a_stored_file_comes_back_as_a_file():
    file = JobFileFactory(role="input", parameter="file")
    values = parameters.load(CopyingJob(), {"mode": "fast"}, {"file": file.file})
    assert values["file"].read() == b"sku\n1\n"


def test_secrets_are_masked_by_widget_and_by_name():
    assert secrecy.masked({"password": "x", "count": 1}, secrecy.secret_names(CountingJob())) == {
        "password": secrecy.SECRET,
        "count": 1,
    }
    assert secrecy.masked({"text": "x"}, secrecy.secret_names(EveryField())) == {
        "text": secrecy.SECRET
    }


def test_an_empty_secret_says_that_it_is_empty():
    assert secrecy.masked({"password": ""}, ["password"]) == {"password": ""}


@pytest.mark.django_db
def test_people_read_labels_of_parameters_and_choices():
    pairs = dict(parameters.labelled(CopyingJob(), {"file": "a.csv", "mode": "fast"}))
    assert pairs == {"File": "a.csv", "Mode": "Fast"}


def test_parameters_of_a_dropped_job_type_are_still_readable():
    assert dict(parameters.labelled(None, {"old_name": 3})) == {"Old name": "3"}


def test_values_are_labelled_for_people():
    labelled = parameters.labelled(None, {"enabled_only": True, "all_of_it": False, "family": None})
    assert list(labelled) == [("Enabled only", "Yes"), ("All of it", "No"), ("Family", "")]
