import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from akeneo_jobs import secrecy
from akeneo_jobs.models import JobExecution, JobProfile
from tests.factories import JobExecutionFactory, JobProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/api/jobs/profiles/"
NIGHTLY = {
    "code": "nightly",
    "label": "Nightly",
    "job_type": "counting",
    "parameters": {"count": 7},
}


@pytest.fixture
def manager():
    user = UserFactory(username="julia")
    codenames = [f"{act}_jobprofile" for act in ("view", "add", "change", "delete")]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def client(manager):
    client = APIClient()
    client.force_authenticate(manager)
    return client


def test_a_profile_is_created(client):
    response = client.post(LIST, {**NIGHTLY, "notified_users": ["julia"]}, format="json")
    assert response.status_code == 201, response.json()
    profile = JobProfile.objects.get()
    assert (profile.kind, profile.parameters["count"]) == ("export", 7)
    assert profile.notified_users.get().username == "julia"
    assert response.json()["url"].endswith("/jobs/profiles/export/nightly/")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"parameters": {"count": -1}}, "count"),
        ({"parameters": {"typo": 1}}, "non_field_errors"),
        ({"job_type": "unknown"}, "job_type"),
        ({"code": "not-a-code"}, "code"),
        ({"label": ""}, "label"),
        ({"notified_users": ["nobody"]}, "notified_users"),
        ({"notified_users": ["\0"]}, "notified_users"),
        ({"notified_users": "julia"}, "notified_users"),
        ({"job_type": "hidden"}, "job_type"),
        ({"parameters": [1]}, "parameters"),
    ],
)
def test_a_wrong_profile_is_named_and_not_saved(client, change, named):
    response = client.post(LIST, {**NIGHTLY, **change}, format="json")
    assert response.status_code == 400
    assert named in response.json()
    assert not JobProfile.objects.exists()


def test_a_code_that_cannot_be_one_is_not_found(client):
    assert client.get(f"{LIST}%00/").status_code == 404
    assert client.post(f"{LIST}%00/launch/").status_code == 404


def test_the_browsable_api_does_not_list_the_users(client):
    UserFactory(username="secret_agent")
    page = client.get(LIST, headers={"accept": "text/html"}).content.decode()
    assert "secret_agent" not in page


def test_a_profile_of_a_hidden_job_type_is_launched_by_code_only(client):
    JobProfileFactory(code="hidden", job_type="hidden")
    assert client.post(f"{LIST}hidden/launch/").status_code == 403
    assert not JobExecution.objects.exists()


def test_a_code_is_given_once(client):
    JobProfileFactory(code="nightly")
    assert "code" in client.post(LIST, NIGHTLY, format="json").json()


def test_a_profile_needs_no_file_to_be_saved(client):
    body = {**NIGHTLY, "job_type": "copying", "parameters": {"mode": "slow"}}
    assert client.post(LIST, body, format="json").status_code == 201


def test_a_profile_is_changed_but_not_its_job_type(client):
    JobProfileFactory(code="nightly", parameters={"count": 1})
    body = {"label": "New", "job_type": "warning", "parameters": {"count": 2}}
    row = client.patch(f"{LIST}nightly/", body, format="json").json()
    assert (row["label"], row["job_type"], row["parameters"]["count"]) == ("New", "counting", 2)


@pytest.mark.parametrize("sent", [secrecy.SECRET, ""])
def test_secrets_are_masked_and_kept_when_they_come_back_masked_or_empty(client, sent):
    JobProfileFactory(code="nightly", parameters={"count": 1, "password": "hush"})
    row = client.get(f"{LIST}nightly/").json()
    assert row["parameters"]["password"] == secrecy.SECRET
    row["parameters"]["password"] = sent
    client.put(f"{LIST}nightly/", {**row, "label": "New"}, format="json")
    assert JobProfile.objects.get().parameters["password"] == "hush"


def test_deleting_a_profile_keeps_its_reports(client):
    profile = JobProfileFactory(code="nightly")
    execution = JobExecutionFactory(profile=profile, profile_label="Nightly")
    assert client.delete(f"{LIST}nightly/").status_code == 204
    execution.refresh_from_db()
    assert (execution.profile, execution.label) == (None, "Nightly")


def test_profiles_are_listed_by_kind_with_constant_queries(client, django_assert_max_num_queries):
    JobProfileFactory.create_batch(5)
    JobProfileFactory(code="other", kind="import", job_type="warning")
    with django_assert_max_num_queries(4):
        rows = client.get(f"{LIST}?kind=import").json()["results"]
    assert [row["code"] for row in rows] == ["other"]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_each_verb_needs_its_permission(method):
    JobProfileFactory(code="nightly")
    client = APIClient()
    client.force_authenticate(UserFactory())
    url = LIST if method == "post" else f"{LIST}nightly/"
    assert getattr(client, method)(url, NIGHTLY, format="json").status_code == 403
    assert JobProfile.objects.count() == 1


def test_launching_needs_the_permission_of_the_job_type_only():
    JobProfileFactory(code="nightly", parameters={"count": 3})
    JobProfileFactory(code="restricted", job_type="restricted")
    client = APIClient()
    client.force_authenticate(UserFactory())
    response = client.post(f"{LIST}nightly/launch/", {"count": 4}, format="json")
    assert (response.status_code, response.json()["parameters"]["count"]) == (201, 4)
    assert client.post(f"{LIST}restricted/launch/").status_code == 403


def test_a_profile_is_launched_with_a_file(client):
    JobProfileFactory(code="copy", job_type="copying", parameters={"mode": "slow"})
    upload = SimpleUploadedFile("in.txt", b"text")
    response = client.post(f"{LIST}copy/launch/", {"file": upload}, format="multipart")
    assert response.json()["parameters"] == {"file": "in.txt", "mode": "slow"}
    assert response.json()["profile"] == "copy"
    assert client.post(f"{LIST}copy/launch/").status_code == 400


def test_a_profile_of_a_dropped_job_type_opens_but_does_not_launch(client):
    JobProfileFactory(code="old", job_type="dropped", parameters={"a": 1})
    assert client.get(f"{LIST}old/").json()["parameters"] == {"a": 1}
    assert client.post(f"{LIST}old/launch/").status_code == 400
    assert not JobExecution.objects.exists()
