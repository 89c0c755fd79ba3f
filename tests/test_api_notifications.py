import pytest
from rest_framework.test import APIClient

from tests.factories import NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/api/jobs/notifications/"


@pytest.fixture
def julia():
    return UserFactory(username="julia")


@pytest.fixture
def client(julia):
    client = APIClient()
    client.force_authenticate(julia)
    return client


def test_notifications_list_ones_own_newest_first(client, julia):
    old = NotificationFactory(user=julia)
    new = NotificationFactory(user=julia, execution__kind="import")
    NotificationFactory()
    rows = client.get(LIST).json()["results"]
    assert [row["id"] for row in rows] == [str(new.pk), str(old.pk)]
    assert rows[0]["message"] == "Import “Counting job” finished"
    assert rows[0]["url"].endswith(new.execution.get_absolute_url())


def test_one_is_marked_read(client, julia):
    notification = NotificationFactory(user=julia)
    assert client.post(f"{LIST}{notification.pk}/read/").json()["is_read"] is True
    assert client.get(f"{LIST}unread-count/").json() == {"unread_count": 0}


def test_all_are_marked_read(client, julia):
    NotificationFactory.create_batch(3, user=julia)
    assert client.get(f"{LIST}unread-count/").json() == {"unread_count": 3}
    client.post(f"{LIST}read-all/")
    assert client.get(f"{LIST}unread-count/").json() == {"unread_count": 0}


def test_the_notifications_of_others_are_not_found(client):
    other = NotificationFactory()
    assert client.post(f"{LIST}{other.pk}/read/").status_code == 404
    assert client.post(f"{LIST}not-a-uuid/read/").status_code == 404


def test_an_anonymous_client_is_refused():
    assert APIClient().get(LIST).status_code in {401, 403}


def test_the_list_costs_a_constant_number_of_queries(client, julia, django_assert_max_num_queries):
    NotificationFactory.create_batch(10, user=julia)
    with django_assert_max_num_queries(2):
        client.get(LIST)
