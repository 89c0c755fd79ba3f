import pytest
from django.core.checks import run_checks

from akeneo_jobs import JobType
from akeneo_jobs.testing import registered
from tests.job_types import CountingJob


def ids(*tags):
    return {message.id for message in run_checks(tags=["akeneo_jobs"])}


class NamelessJob(JobType):
    """Neither code, label, kind nor anything to run."""


class WronglyLimited(CountingJob):
    code = "wrongly_limited"
    max_running = 0
    unique_by = "user"
    on_conflict = "panic"


class Unreplaceable(CountingJob):
    code = "unreplaceable"
    max_running = 1
    on_conflict = "replace"
    is_stoppable = False


class SecondCounting(CountingJob):
    queue = "nowhere"


def test_the_example_is_in_order():
    assert ids() == set()


@pytest.mark.parametrize(
    ("job_type", "expected"),
    [
        (NamelessJob, {f"akeneo_jobs.E00{number}" for number in (1, 3, 4, 5)}),
        (WronglyLimited, {f"akeneo_jobs.E00{number}" for number in (7, 8, 9)}),
        (Unreplaceable, {"akeneo_jobs.E009"}),
        (SecondCounting, {"akeneo_jobs.E002", "akeneo_jobs.E006"}),
    ],
)
def test_a_wrong_job_type_is_named(job_type, expected):
    with registered(job_type):
        assert ids() == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["no dict"], "akeneo_jobs.E010"),
        ({"QUEU": "default"}, "akeneo_jobs.E011"),
        ({"PAGE_SIZE": 0}, "akeneo_jobs.E012"),
        ({"PAGE_SIZE": "25"}, "akeneo_jobs.E012"),
        ({"VIEW_ALL": 1}, "akeneo_jobs.E012"),
        ({"REPORT_ACCESS": "everybody"}, "akeneo_jobs.E013"),
        ({"QUEUE": "nowhere"}, "akeneo_jobs.E014"),
        ({"STORAGE": "nowhere"}, "akeneo_jobs.E015"),
        ({"POLICY": "nowhere.Policy"}, "akeneo_jobs.E016"),
    ],
)
def test_a_wrong_setting_is_named(settings, given, expected):
    settings.AKENEO_JOBS = given
    assert ids() == {expected}


def test_a_missing_worker_class_is_a_warning(settings):
    settings.RQ = {}
    assert ids() == {"akeneo_jobs.W020"}
