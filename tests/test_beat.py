"""The thread of the beat goes on whatever is away."""

import threading

import pytest
from django.db import OperationalError

from akeneo_jobs.beat import Beat
from akeneo_jobs.exceptions import StopRequested
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory

pytestmark = pytest.mark.django_db(transaction=True)

TOO_LONG = 5  # seconds


@pytest.fixture(autouse=True)
def _quick(settings):
    quick = {"BEAT_INTERVAL": 0.01, "LOG_INTERVAL": 0.01, "STOP_AFTER": 0}
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, **quick}


class Overdue:
    """Is called when an order is not obeyed; the database is away for the first few times."""

    def __init__(self, failures=0):
        self.failures = failures
        self.orders = []
        self.was_seen_to = threading.Event()

    def __call__(self, order):
        self.orders.append(order)
        if len(self.orders) <= self.failures:
            be_away()
        self.was_seen_to.set()


class BrokenLog:
    def save(self, fence):
        raise OSError("the storage is away")


def be_away(*_args, **_kwargs):
    raise OperationalError("server closed the connection")


def disobey(overdue, log=None):
    """Return the orders that were seen to, though nothing but the beat's thread is alive."""
    beat = Beat(JobExecutionFactory(status=Status.STARTED, attempt=1), log, overdue=overdue)
    beat.order(StopRequested)
    beat.start()
    assert overdue.was_seen_to.wait(TOO_LONG)
    beat.end()
    return overdue.orders


def test_a_database_that_is_away_when_an_order_is_overdue_is_asked_again():
    orders = disobey(Overdue(failures=2))
    assert (set(orders), len(orders) > 2) == ({StopRequested}, True)


def test_an_order_is_seen_to_while_no_number_can_be_written(monkeypatch):
    monkeypatch.setattr(Beat, "_save_numbers", be_away)
    assert set(disobey(Overdue())) == {StopRequested}


def test_an_order_is_seen_to_while_no_log_can_be_stored():
    assert set(disobey(Overdue(), BrokenLog())) == {StopRequested}
