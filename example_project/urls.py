from django.contrib import admin
from django.urls import include, path

from .catalog.views.pages import Dashboard

urlpatterns = [
    path("", Dashboard.as_view(), name="home"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("catalog/", include("example_project.catalog.urls")),
    path("jobs/", include("akeneo_jobs.urls")),
    path("api/jobs/", include("akeneo_jobs.api.urls")),
]
