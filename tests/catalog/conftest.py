import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def julia(client):
    """A client that julia is logged in with."""
    user = get_user_model().objects.create_user("julia", password="julia")
    client.force_login(user)
    return client
