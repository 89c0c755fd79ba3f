"""The pages: `path("jobs/", include("akeneo_jobs.urls"))`."""

from django.urls import path

from akeneo_jobs.views import launches, notifications, profiles, reports, tracker

app_name = "akeneo_jobs"

urlpatterns = [
    path("", tracker.ProcessTracker.as_view(), name="process_tracker"),
    path("launch/", launches.JobTypes.as_view(), name="job_types"),
    path("launch/<str:code>/", launches.Launch.as_view(), name="launch"),
    path("executions/<uuid:uuid>/", reports.Report.as_view(), name="report"),
    path("executions/<uuid:uuid>/stop/", reports.Stop.as_view(), name="stop"),
    path("executions/<uuid:uuid>/pause/", reports.Pause.as_view(), name="pause"),
    path("executions/<uuid:uuid>/resume/", reports.Resume.as_view(), name="resume"),
    path("executions/<uuid:uuid>/relaunch/", reports.Relaunch.as_view(), name="relaunch"),
    path(
        "executions/<uuid:uuid>/launch-for-real/",
        reports.LaunchForReal.as_view(),
        name="launch_for_real",
    ),
    path("executions/<uuid:uuid>/repair/", reports.Repair.as_view(), name="repair"),
    path("executions/<uuid:uuid>/files/<uuid:pk>/", reports.Download.as_view(), name="download"),
    path("profiles/<str:kind>/", profiles.ProfileList.as_view(), name="profiles"),
    # A code has no hyphen, so no profile is hidden by the page that creates one.
    path(
        "profiles/<str:kind>/new-profile/",
        profiles.ProfileCreate.as_view(),
        name="profile_create",
    ),
    path("profiles/<str:kind>/<slug:code>/", profiles.Profile.as_view(), name="profile"),
    path(
        "profiles/<str:kind>/<slug:code>/edit/",
        profiles.ProfileEdit.as_view(),
        name="profile_edit",
    ),
    path(
        "profiles/<str:kind>/<slug:code>/delete/",
        profiles.ProfileDelete.as_view(),
        name="profile_delete",
    ),
    path(
        "profiles/<str:kind>/<slug:code>/duplicate/",
        profiles.ProfileDuplicate.as_view(),
        name="profile_duplicate",
    ),
    path("notifications/", notifications.Notifications.as_view(), name="notifications"),
    path("notifications/bell/", notifications.Bell.as_view(), name="notification_bell"),
    path("notifications/read-all/", notifications.ReadAll.as_view(), name="notifications_read_all"),
    path("notifications/<uuid:pk>/read/", notifications.Read.as_view(), name="notification_read"),
]
