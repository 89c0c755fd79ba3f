"""The pages: `path("jobs/", include("akeneo_jobs.urls"))`."""

from django.urls import path

from akeneo_jobs.views import launches, reports, tracker

app_name = "akeneo_jobs"

urlpatterns = [
    path("", tracker.ProcessTracker.as_view(), name="process_tracker"),
    path("launch/", launches.JobTypes.as_view(), name="job_types"),
    path("launch/<str:code>/", launches.Launch.as_view(), name="launch"),
    path("executions/<uuid:uuid>/", reports.Report.as_view(), name="report"),
    path("executions/<uuid:uuid>/stop/", reports.Stop.as_view(), name="stop"),
    path("executions/<uuid:uuid>/files/<uuid:pk>/", reports.Download.as_view(), name="download"),
]
