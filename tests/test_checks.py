import pytest
from django.core.checks import run_checks

from akeneo_jobs import JobType, Step
from akeneo_jobs.testing import registered
from akeneo_jobs.worker import JobWorker
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


class Slashed(CountingJob):
    code = "counting/all"
    kind = "a kind"


class Endless(CountingJob):
    code = "x" * 101
    kind = "x" * 51


class Coded(CountingJob):
    code = ["counting"]


class WithStepInstances(CountingJob):
    code = "step_instances"
    steps = [Step("one")]


class Queued(CountingJob):
    code = "queued"
    queue = ["default"]


class WithOneStep(CountingJob):
    code = "one_step"
    steps = Step


class OwnWorker(JobWorker):
    """A host's own."""


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
        (Slashed, {"akeneo_jobs.E017", "akeneo_jobs.E018"}),
        (Endless, {"akeneo_jobs.E017", "akeneo_jobs.E018"}),
        (Coded, {"akeneo_jobs.E017"}),
        (WithStepInstances, {"akeneo_jobs.E019"}),
        (WithOneStep, {"akeneo_jobs.E019"}),
        (Queued, {"akeneo_jobs.E006"}),
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
        ({"POLICY": "os.path.join"}, "akeneo_jobs.E016"),
        ({"POLICY": ["a"]}, "akeneo_jobs.E012"),
        ({"QUEUE": ["a"]}, "akeneo_jobs.E012"),
        ({"STORAGE": ["a"]}, "akeneo_jobs.E012"),
    ],
)
def test_a_wrong_setting_is_named(settings, given, expected):
    settings.AKENEO_JOBS = given
    assert ids() == {expected}


@pytest.mark.parametrize("name", [None, "", "rq.Worker", "nowhere.Worker", 3, ["a"]])
def test_a_worker_class_that_is_no_job_worker_is_a_warning(settings, name):
    settings.RQ = {"WORKER_CLASS": name}
    assert ids() == {"akeneo_jobs.W020"}


def test_a_worker_class_of_the_host_may_extend_ours(settings):
    settings.RQ = {"WORKER_CLASS": f"{__name__}.OwnWorker"}
    assert ids() == set()


@pytest.mark.parametrize("given", [None, ["a"]])
def test_settings_of_rq_that_are_no_dicts_do_not_break_the_checks(settings, given):
    settings.RQ = settings.RQ_QUEUES = given
    assert ids() == {"akeneo_jobs.W020", "akeneo_jobs.E014"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"location": "jobs", "base_url": "/jobs/"}, {"akeneo_jobs.W021"}),
        ({"location": "media/jobs"}, {"akeneo_jobs.W021"}),
        ({"location": "jobs", "base_url": None}, set()),
    ],
)
def test_a_storage_that_is_served_is_a_warning(settings, tmp_path, options, expected):
    settings.MEDIA_ROOT, settings.MEDIA_URL = str(tmp_path / "media"), "/media/"
    options = {**options, "location": str(tmp_path / options["location"])}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "akeneo_jobs": {"BACKEND": backend, "OPTIONS": options},
    }
    assert ids() == expected
