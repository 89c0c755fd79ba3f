"""A process that is frozen while it has locked its row must not hold up the others."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from akeneo_jobs import upkeep
from akeneo_jobs.models import JobExecution
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite locks no rows."),
]
TOO_LONG = 5  # seconds


@pytest.fixture
def lock():
    """Lock a row, as another process does, until the test is over."""
    locked, over = threading.Event(), threading.Event()

    def hold(pk):
        with transaction.atomic():
            JobExecution.objects.filter(pk=pk).update(error_count=0)
            locked.set()
            over.wait(TOO_LONG)
        connection.close()

    def start(pk):
        threads.append(threading.Thread(target=hold, args=[pk]))
        threads[0].start()
        assert locked.wait(TOO_LONG)
        return threads[0]

    threads = []
    yield start
    over.set()
    threads[0].join()


def test_a_locked_row_does_not_hold_up_the_reaping_of_others(lock):
    long_ago = timezone.now() - timedelta(hours=1)
    frozen, dead = JobExecutionFactory.create_batch(
        2, status=Status.STARTED, attempt=1, heartbeat_at=long_ago
    )
    holder = lock(frozen.pk)
    upkeep.reap()
    assert holder.is_alive()
    assert JobExecution.objects.get(pk=dead.pk).status == Status.FAILED
    assert JobExecution.objects.get(pk=frozen.pk).status == Status.STARTED
