import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from akeneo_jobs.models import JobExecution, JobProfile
from akeneo_jobs.statuses import Status
from tests.factories import JobExecutionFactory, JobProfileFactory, UserFactory

EXPORTS = "/jobs/profiles/export/"
NEW = f"{EXPORTS}new-profile/"
NIGHTLY = f"{EXPORTS}nightly/"
EVIL = "<script>alert('x')</script>"
FORM = {
    "job_type": "counting",
    "code": "weekly",
    "label": "Weekly",
    "notified_users": "",
    "parameters-count": "7",
}


@pytest.fixture
def julia(client, db):
    """A user with every right on profiles, who is logged in."""
    julia = UserFactory(username="julia")
    julia.user_permissions.set(Permission.objects.filter(codename__endswith="_jobprofile"))
    client.force_login(julia)
    return julia


@pytest.fixture
def nightly(julia):
    return JobProfileFactory(code="nightly", label="Nightly", parameters={"count": 3})


@pytest.fixture
def see(client, julia):
    def see(url, status=200, **query):
        response = client.get(url, query)
        assert response.status_code == status
        return response.content.decode()

    return see


@pytest.fixture
def post(client, julia):
    """Post and return the status and the page that is shown in the end."""

    def post(url, **data):
        response = client.post(url, data, follow=True)
        return response.status_code, response.content.decode()

    return post


# Imports, Exports


def test_a_list_shows_the_profiles_of_its_kind(see, nightly):
    JobProfileFactory(label="Of suppliers", kind="import", job_type="warning")
    shown = see(EXPORTS)
    assert "<h1" in shown
    assert "Exports</h1>" in shown
    assert f'href="{NIGHTLY}"' in shown
    assert "Counting job" in shown
    assert "Of suppliers" not in shown


def test_a_list_shows_how_the_last_own_execution_went(see, julia, nightly):
    JobExecutionFactory(profile=nightly, user=julia, status=Status.FAILED)
    last = JobExecutionFactory(
        profile=nightly, user=julia, status=Status.COMPLETED, warning_count=26
    )
    other = JobExecutionFactory(profile=nightly, status=Status.FAILED)
    shown = see(EXPORTS)
    assert last.get_absolute_url() in shown
    assert "26 warnings or errors" in shown
    assert "akj-badge--error" not in shown
    assert str(other.uuid) not in shown


def test_a_list_costs_the_same_for_one_profile_and_for_twenty(see, julia, nightly):
    JobExecutionFactory(profile=nightly, user=julia)
    with CaptureQueriesContext(connection) as few:
        see(EXPORTS)
    for profile in JobProfileFactory.create_batch(19):
        JobExecutionFactory.create_batch(2, profile=profile, user=julia, status=Status.STARTED)
    with CaptureQueriesContext(connection) as many:
        see(EXPORTS)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("search", "found"), [("night", True), ("NIGHTLY", True), ("weekly", False), ("\0", True)]
)
def test_a_list_is_searched(see, nightly, search, found):
    shown = see(EXPORTS, search=search)
    assert (f'href="{NIGHTLY}"' in shown) is found
    assert ("No profile matches this search." in shown) is not found


def test_a_list_is_live_while_one_of_its_profiles_runs(see, julia, nightly):
    execution = JobExecutionFactory(profile=nightly, user=julia, status=Status.STARTED)
    assert 'data-akj-refresh="5.0"' in see(EXPORTS).split('id="akj-profiles"')[1].split(">")[0]
    execution.apply("complete")
    assert "data-akj-refresh" not in see(EXPORTS).split('id="akj-profiles"')[1].split(">")[0]


def test_an_empty_list_offers_to_create_a_profile(see):
    shown = see(EXPORTS)
    assert "There is no profile yet." in shown
    assert shown.count(f'href="{NEW}"') == 2


def test_only_what_needs_no_file_is_launched_by_one_click(see, nightly):
    JobProfileFactory(code="copy", job_type="copying")
    JobProfileFactory(code="restricted", job_type="restricted")
    shown = see(EXPORTS)
    assert f'action="{NIGHTLY}"' in shown
    assert f'action="{EXPORTS}copy/"' not in shown
    assert f'action="{EXPORTS}restricted/"' not in shown


def test_a_kind_that_nobody_has_is_not_found(see):
    see("/jobs/profiles/no_such_kind/", status=404)
    see("/jobs/profiles/no_such_kind/new-profile/", status=404)


@pytest.mark.parametrize("url", ["/jobs/profiles/%00/", "/jobs/profiles/%00/nightly/"])
def test_an_address_that_no_database_could_hold_is_not_found(see, nightly, url):
    see(url, status=404)


def test_profiles_of_a_dropped_kind_are_still_listed(see):
    JobProfileFactory(kind="dropped", job_type="dropped", label="Of old")
    assert "Of old" in see("/jobs/profiles/dropped/")


def test_the_menu_leads_to_imports_and_exports(client, julia):
    content = client.get(reverse("akeneo_jobs:process_tracker")).content.decode()
    assert f'href="{EXPORTS}"' in content
    client.force_login(UserFactory())
    content = client.get(reverse("akeneo_jobs:process_tracker")).content.decode()
    assert f'href="{EXPORTS}"' not in content


# One profile


def test_a_profile_shows_its_last_own_executions(see, julia, nightly):
    done = JobExecutionFactory(profile=nightly, user=julia, status="completed", warning_count=2)
    running = JobExecutionFactory(
        profile=nightly, user=julia, status=Status.STARTED, processed=1, total=4
    )
    other = JobExecutionFactory(profile=nightly)
    elsewhere = JobExecutionFactory(user=julia)
    shown = see(NIGHTLY)
    assert f'href="{done.get_absolute_url()}"' in shown
    assert f'href="{running.get_absolute_url()}"' in shown
    assert 'value="25"' in shown
    assert "akj-badge--warning" in shown
    assert 'data-akj-refresh="5.0"' in shown
    assert str(other.uuid) not in shown
    assert str(elsewhere.uuid) not in shown


def test_a_profile_costs_the_same_for_one_execution_and_for_twenty(see, julia, nightly):
    JobExecutionFactory(profile=nightly, user=julia)
    with CaptureQueriesContext(connection) as few:
        see(NIGHTLY)
    JobExecutionFactory.create_batch(19, profile=nightly, user=julia, status=Status.STARTED)
    with CaptureQueriesContext(connection) as many:
        see(NIGHTLY)
    assert len(many) == len(few)


def test_a_profile_is_launched(client, julia, nightly):
    response = client.post(NIGHTLY)
    execution = JobExecution.objects.get()
    assert response.url == execution.get_absolute_url()
    assert (execution.profile, execution.user) == (nightly, julia)
    assert execution.parameters == {"count": 3, "password": ""}


def test_a_launch_shows_a_flash_with_a_link_to_the_report(post, nightly):
    _status, shown = post(NIGHTLY)
    assert "The export “Nightly” is running." in shown
    assert f'<a href="{JobExecution.objects.get().get_absolute_url()}">' in shown


def test_a_file_is_uploaded_and_launched(post, see):
    JobProfileFactory(code="copy", job_type="copying", parameters={"mode": "slow"})
    assert "Upload and export now" in see(f"{EXPORTS}copy/")
    post(f"{EXPORTS}copy/", file=SimpleUploadedFile("in.txt", b"text"))
    execution = JobExecution.objects.get()
    assert execution.parameters == {"file": "in.txt", "mode": "slow"}
    assert execution.files.get().file.read() == b"text"


def test_a_refused_launch_says_why_above_and_beside_the_file(post, julia):
    JobProfileFactory(code="copy", job_type="copying", parameters={"mode": "slow"})
    status, shown = post(f"{EXPORTS}copy/")
    assert status == 422
    assert "Failed to launch the job profile. File: This field is required." in shown
    assert 'id="id_file_error"' in shown
    assert not JobExecution.objects.exists()


def test_a_profile_that_is_no_longer_valid_says_why(post, julia):
    JobProfileFactory(code="nightly", parameters={"count": -1, "gone": 1})
    _status, shown = post(NIGHTLY)
    assert "Count: Ensure this value is greater than or equal to 0." in shown
    assert "There is no parameter “gone”." in shown


def test_a_launch_without_the_right_is_refused_in_words(post, see):
    JobProfileFactory(code="restricted", job_type="restricted")
    assert "Export now" not in see(f"{EXPORTS}restricted/")
    _status, shown = post(f"{EXPORTS}restricted/")
    assert "Failed to launch the job profile. You may not launch this operation." in shown
    assert not JobExecution.objects.exists()


def test_a_refused_launch_from_the_launch_page_says_why(post):
    status, shown = post("/jobs/launch/counting/", count="many")
    assert status == 422
    assert "Failed to launch the operation. Count: Enter a whole number." in shown
    assert 'id="id_count_error"' in shown


def test_a_profile_of_a_dropped_job_type_opens_and_says_so(see, post):
    JobProfileFactory(code="old", job_type="dropped", parameters={"some": "thing"})
    shown = see(f"{EXPORTS}old/")
    assert "The job type of this profile no longer exists." in shown
    assert "thing" in shown
    assert "Export now" not in shown
    assert "no longer exists" in see(f"{EXPORTS}old/edit/")
    assert "There is no operation “dropped”." in post(f"{EXPORTS}old/")[1]
    assert post(f"{EXPORTS}old/edit/", **FORM)[0] == 422


@pytest.mark.parametrize(("job_type", "reloads"), [("counting", True), ("copying", False)])
def test_a_chosen_file_is_not_lost_by_a_reload(see, julia, job_type, reloads):
    profile = JobProfileFactory(code="nightly", job_type=job_type)
    JobExecutionFactory(profile=profile, user=julia, status=Status.STARTED)
    assert ("http-equiv" in see(NIGHTLY)) is reloads


def test_a_profile_is_found_under_its_own_kind_only(see, nightly):
    see("/jobs/profiles/import/nightly/", status=404)


def test_what_comes_from_outside_is_escaped(see, julia):
    profile = JobProfileFactory(code="evil", label=EVIL, parameters={"count": EVIL})
    JobExecutionFactory(profile=profile, user=julia, profile_label=EVIL)
    for url in (EXPORTS, f"{EXPORTS}evil/", f"{EXPORTS}evil/edit/", f"{EXPORTS}evil/delete/"):
        shown = see(url, search="")
        assert EVIL not in shown
        assert "&lt;script&gt;" in shown


def test_secrets_are_masked(see, julia):
    JobProfileFactory(code="nightly", parameters={"count": 1, "password": "hush"})
    assert "hush" not in see(NIGHTLY)
    assert "••••••" in see(NIGHTLY)


def test_the_report_links_the_profile_for_who_may_see_it(client, julia, nightly):
    execution = JobExecutionFactory(profile=nightly)
    assert f'href="{NIGHTLY}"' in client.get(execution.get_absolute_url()).content.decode()
    client.force_login(UserFactory())
    assert f'href="{NIGHTLY}"' not in client.get(execution.get_absolute_url()).content.decode()


# Create, edit


def test_a_job_type_is_chosen_first(see):
    shown = see(NEW)
    assert 'href="?job_type=counting"' in shown
    assert "warning" not in shown.split("<main")[1]
    assert 'name="parameters-count"' in see(NEW, job_type="counting")


def test_a_profile_is_created(post, julia):
    mary = UserFactory(username="mary")
    _status, shown = post(NEW, **FORM | {"notified_users": "mary, julia ,mary"})
    profile = JobProfile.objects.get()
    assert (profile.code, profile.kind, profile.parameters["count"]) == ("weekly", "export", 7)
    assert set(profile.notified_users.all()) == {mary, julia}
    assert "The profile “Weekly” has been saved." in shown
    assert "julia, mary" in shown or "mary, julia" in shown


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"code": "not-a-code"}, "Use letters, digits and underscores only."),
        ({"code": "nightly"}, "already exists"),
        ({"label": ""}, "This field is required."),
        ({"parameters-count": "-1"}, "greater than or equal to 0"),
        ({"notified_users": "julia, nobody"}, "There is no user “nobody”."),
        ({"notified_users": "no\0body"}, "There is no user “nobody”."),
    ],
)
def test_a_wrong_profile_is_not_saved_and_says_why(post, nightly, change, text):
    status, shown = post(NEW, **FORM | change)
    assert status == 422
    assert text in shown
    assert "Failed to save the job profile." in shown
    assert 'value="counting"' in shown
    assert JobProfile.objects.get() == nightly


@pytest.mark.parametrize("job_type", ["hidden", "warning", "unknown"])
def test_a_job_type_that_is_not_offered_is_not_taken(see, post, job_type):
    assert "parameters-count" not in see(NEW, job_type=job_type)
    assert post(NEW, **{**FORM, "job_type": job_type})[0] == 422
    assert not JobProfile.objects.exists()


def test_a_profile_of_a_hidden_job_type_is_launched_by_code_only(see, post, julia):
    JobProfileFactory(code="nightly", job_type="hidden")
    assert "You may not launch this operation." in see(NIGHTLY)
    assert post(NIGHTLY)[0] == 422
    assert not JobExecution.objects.exists()


def test_a_profile_asks_for_no_file(see, post):
    assert 'type="file"' not in see(NEW, job_type="copying")
    post(NEW, **FORM | {"job_type": "copying", "parameters-mode": "slow"})
    assert JobProfile.objects.get().parameters == {"mode": "slow"}


def test_a_profile_is_edited(post, see, nightly, julia):
    nightly.notified_users.add(julia)
    shown = see(f"{NIGHTLY}edit/")
    assert 'value="julia"' in shown
    assert 'value="3"' in shown
    post(f"{NIGHTLY}edit/", **FORM | {"code": "nightly", "label": "Every night"})
    nightly.refresh_from_db()
    assert (nightly.label, nightly.parameters["count"]) == ("Every night", 7)
    assert not nightly.notified_users.exists()


def test_a_wrong_edit_leaves_the_page_whole(post, nightly):
    status, shown = post(f"{NIGHTLY}edit/", **FORM | {"code": "", "label": ""})
    assert status == 422
    assert f'href="{NIGHTLY}"' in shown


@pytest.mark.parametrize(("sent", "kept"), [("", "hush"), ("new", "new")])
def test_a_secret_is_not_shown_and_kept_while_it_is_left_empty(post, see, julia, sent, kept):
    JobProfileFactory(code="nightly", parameters={"count": 1, "password": "hush"})
    assert "hush" not in see(f"{NIGHTLY}edit/")
    form = FORM | {"code": "nightly", "parameters-password": sent}
    assert post(f"{NIGHTLY}edit/", **form)[0] == 200
    assert JobProfile.objects.get().parameters == {"count": 7, "password": kept}


# Duplicate, delete


def test_a_profile_is_duplicated_and_opened_for_editing(post, nightly, julia):
    nightly.notified_users.add(julia)
    _status, shown = post(f"{NIGHTLY}duplicate/")
    copy = JobProfile.objects.get(code="nightly_copy")
    assert (copy.label, copy.parameters) == ("Copy of Nightly", {"count": 3})
    assert copy.notified_users.get() == julia
    assert 'value="Copy of Nightly"' in shown


def test_who_may_not_edit_sees_the_duplicate(client, nightly):
    adder = UserFactory()
    adder.user_permissions.set(
        Permission.objects.filter(codename__in=["view_jobprofile", "add_jobprofile"])
    )
    client.force_login(adder)
    assert client.post(f"{NIGHTLY}duplicate/").url == f"{EXPORTS}nightly_copy/"


def test_a_profile_is_deleted_after_a_question_and_its_reports_stay(see, post, nightly, julia):
    execution = JobExecutionFactory(profile=nightly, profile_label="Nightly", user=julia)
    assert "Its executions and their reports stay." in see(f"{NIGHTLY}delete/")
    assert JobProfile.objects.exists()
    _status, shown = post(f"{NIGHTLY}delete/")
    assert "The profile “Nightly” has been deleted." in shown
    assert not JobProfile.objects.exists()
    assert "Nightly" in see(execution.get_absolute_url())


def test_the_last_profile_of_a_dropped_kind_is_deleted(post):
    JobProfileFactory(code="old", kind="dropped", job_type="dropped")
    assert post("/jobs/profiles/dropped/old/delete/")[0] == 200
    assert not JobProfile.objects.exists()


@pytest.mark.parametrize("name", ["profile_duplicate", "notifications_read_all"])
def test_a_link_changes_nothing(client, nightly, name):
    arguments = ["export", "nightly"] if name.startswith("profile") else []
    assert client.get(reverse(f"akeneo_jobs:{name}", args=arguments)).status_code == 405


@pytest.mark.parametrize(
    ("url", "right"),
    [
        (EXPORTS, "view"),
        (NIGHTLY, "view"),
        (NEW, "add"),
        (f"{NIGHTLY}edit/", "change"),
        (f"{NIGHTLY}delete/", "delete"),
    ],
)
def test_each_page_needs_its_own_right(client, nightly, url, right):
    user = UserFactory()
    client.force_login(user)
    assert client.get(url).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename=f"{right}_jobprofile"))
    assert client.get(url).status_code == 200


def test_a_reader_sees_no_button_that_changes(client, nightly):
    reader = UserFactory()
    reader.user_permissions.add(Permission.objects.get(codename="view_jobprofile"))
    client.force_login(reader)
    shown = client.get(NIGHTLY).content.decode()
    assert "Export now" in shown
    for word in ("Edit", "Duplicate", "Delete"):
        assert f"{word}<" not in shown
