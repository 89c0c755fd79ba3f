"""The API: `path("api/jobs/", include("akeneo_jobs.api.urls"))`."""

from rest_framework.routers import SimpleRouter

from akeneo_jobs.api import views

app_name = "akeneo_jobs_api"

router = SimpleRouter(use_regex_path=False)
router.register("executions", views.JobExecutionViewSet, basename="execution")
router.register("job-types", views.JobTypeViewSet, basename="job-type")
router.register("profiles", views.JobProfileViewSet, basename="profile")
router.register("notifications", views.NotificationViewSet, basename="notification")

urlpatterns = router.urls
