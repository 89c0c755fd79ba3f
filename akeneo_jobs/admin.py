"""Executions and profiles in the admin, to read; people change them on their own pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from akeneo_jobs.models import JobExecution, JobProfile


class ReadOnlyAdmin(admin.ModelAdmin):
    exclude = ["parameters"]  # Shown on the pages, where secrets are masked.
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(JobProfile)
class JobProfileAdmin(ReadOnlyAdmin):
    list_display = ["label", "code", "job_type", "kind"]
    search_fields = ["label", "code"]


@admin.register(JobExecution)
class JobExecutionAdmin(ReadOnlyAdmin):
    """Lists what the policy lets this user list."""

    list_display = ["name", "kind", "status", "is_dry_run", "warning_count", "user", "created_at"]
    list_filter = ["status", "kind", "is_dry_run", "is_repair"]
    list_select_related = ["user", "profile"]

    @admin.display(description=_("Job name"))
    def name(self, execution):
        return execution.label

    def get_queryset(self, request):
        return super().get_queryset(request).listed_for(request.user)
