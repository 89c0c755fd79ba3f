import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NotificationFactory, UserFactory

PAGE = "/jobs/notifications/"
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def user(client, db):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def see(client, user):
    def see(url=PAGE, **query):
        response = client.get(url, query)
        assert response.status_code == 200
        return response.content.decode()

    return see


def read_url(notification):
    return reverse("akeneo_jobs:notification_read", args=[notification.pk])


def test_the_page_says_that_there_is_none(see):
    assert "There is no notification." in see()
    assert "Mark all as read" not in see()


def test_the_page_shows_what_ended_and_marks_what_is_unread(see, user):
    unread = NotificationFactory(user=user, execution__kind="import", level="warning")
    shown = see()
    assert unread.message in shown
    assert "1 unread" in shown
    assert "akj-notification--unread" in shown
    assert f'formaction="{read_url(unread)}"' in shown
    assert "akj-icon--warning" in shown


def test_the_page_shows_nobody_elses(see):
    other = NotificationFactory(execution__profile_label="Secret suppliers")
    assert other.message not in see()
    assert "0 unread" in see()


def test_the_page_has_pages(see, user, settings):
    settings.AKENEO_JOBS = {**settings.AKENEO_JOBS, "PAGE_SIZE": 2}
    NotificationFactory.create_batch(3, user=user)
    assert "1–2 of 3" in see()
    assert "3–3 of 3" in see(page=2)


def test_the_page_costs_the_same_for_one_and_for_twenty(see, user):
    NotificationFactory(user=user)
    with CaptureQueriesContext(connection) as few:
        see()
    NotificationFactory.create_batch(19, user=user)
    with CaptureQueriesContext(connection) as many:
        see()
    assert len(many) == len(few)


def test_the_page_escapes_labels(see, user):
    NotificationFactory(user=user, execution__profile_label=EVIL)
    assert EVIL not in see()


def test_one_is_marked_read_without_leaving_the_page(client, user):
    first, second = NotificationFactory.create_batch(2, user=user)
    response = client.post(read_url(first), {"stay": "1"})
    assert response.url == PAGE
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_read, second.is_read) == (True, False)


def test_all_are_marked_read(client, see, user):
    NotificationFactory.create_batch(3, user=user)
    client.post(f"{PAGE}read-all/")
    assert "0 unread" in see()
    assert "akj-notification--unread" not in see()


def test_the_bell_alone_is_what_a_page_refreshes(see, user):
    NotificationFactory(user=user)
    shown = see(f"{PAGE}bell/")
    assert 'id="akj-bell"' in shown
    assert "1 unread notification" in shown
    assert "<html" not in shown
