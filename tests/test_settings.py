"""What the numbers in the settings do."""

import time

import pytest
from django.urls import reverse

from akeneo_jobs import JobType, outcomes, queue, testing
from akeneo_jobs.beat import Beat
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db


class TalkingJob(JobType):
    code = "talking"
    label = "Talking job"
    kind = "export"

    def run(self, context):
        for number in range(100):
            context.log.info("line %s", number)


@pytest.fixture
def given(settings):
    """Set some keys of AKENEO_JOBS."""

    def given(**values):
        settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, **values}

    return given


@pytest.fixture
def enqueued(monkeypatch):
    """What RQ is told of the jobs that it is given."""
    told = []

    class Queue:
        def enqueue(self, *_arguments, **options):
            told.append(options)

        def fetch_job(self, job_id):
            """It has none."""

    monkeypatch.setattr(queue, "queue_of", lambda execution: Queue())
    return told


def test_a_log_is_cut_at_its_size_and_says_how_much_is_missing(given):
    given(LOG_SIZE=1000)
    with testing.registered(TalkingJob):
        execution = testing.run("talking")
    with execution.log_file.file.open("rb") as file:
        *kept, note = file.read().decode().splitlines(keepends=True)
    assert sum(map(len, kept)) <= 1000
    assert 0 < len(kept) < 102
    assert note == f"… {102 - len(kept)} more lines were not kept.\n"


def test_a_killed_execution_continues_so_often_and_then_fails(given):
    given(RESTARTS=2)
    execution = JobExecutionFactory(job_type="restartable")
    fates = []
    for _ in range(3):
        execution.apply("start")
        outcomes.lose(execution, "killed", lambda: "It was killed.")
        fates.append(execution.status)
    assert fates == [Status.STARTING, Status.STARTING, Status.FAILED]


def test_the_queue_is_told_how_long_to_keep_a_job(given, enqueued):
    given(RESULT_TTL=7, FAILURE_TTL=8)
    queue.enqueue(JobExecutionFactory())
    assert (enqueued[0]["result_ttl"], enqueued[0]["failure_ttl"]) == (7, 8)


@pytest.mark.django_db(transaction=True)
def test_numbers_are_saved_each_beat_and_the_log_less_often(given, monkeypatch):
    given(BEAT_INTERVAL=0.02, LOG_INTERVAL=0.06)
    ticks = []
    monkeypatch.setattr(Beat, "_tick", lambda self, is_log_due: ticks.append(is_log_due))
    beat = Beat(JobExecutionFactory(status=Status.STARTED), log=None)
    beat.start()
    time.sleep(0.5)
    beat.end()
    assert len(ticks) >= 6
    assert [*ticks[:6]] == [False, False, True] * 2


@pytest.mark.parametrize(
    ("setting", "page"),
    [
        ("REFRESH_REPORT", "report"),
        ("REFRESH_TRACKER", "process_tracker"),
        ("REFRESH_BELL", "notifications"),
    ],
)
def test_a_page_tells_its_script_when_to_refresh(client, given, setting, page):
    given(**{setting: 7.5})
    user = UserFactory()
    execution = JobExecutionFactory(user=user, status=Status.STARTED)
    arguments = [execution.uuid] if page == "report" else []
    client.force_login(user)
    shown = client.get(reverse(f"akeneo_jobs:{page}", args=arguments)).content.decode()
    assert 'data-akj-refresh="7.5"' in shown


@pytest.mark.parametrize("page", ["process_tracker", "notifications"])
def test_a_page_has_so_many_rows(client, given, page):
    given(PAGE_SIZE=2)
    user = UserFactory()
    NotificationFactory.create_batch(3, user=user, execution__user=user)
    client.force_login(user)
    response = client.get(reverse(f"akeneo_jobs:{page}"))
    assert len(response.context["page_obj"]) == 2
