"""Executions in the admin, to read; they are changed by what people do on their report."""

from django.contrib import admin

from akeneo_jobs.models import JobExecution, JobProfile


@admin.register(JobProfile)
class JobProfileAdmin(admin.ModelAdmin):
    list_display = ["label", "code", "job_type", "kind"]
    search_fields = ["label", "code"]
    filter_horizontal = ["notified_users"]


@admin.register(JobExecution)
class JobExecutionAdmin(admin.ModelAdmin):
    """Lists what the policy lets this user list."""

    list_display = ["label", "kind", "status", "warning_count", "user", "created_at", "ended_at"]
    list_filter = ["status", "kind"]
    list_select_related = ["user", "profile"]
    show_full_result_count = False
    exclude = ["parameters"]  # Shown on the report, where secrets are masked.

    def get_queryset(self, request):
        return super().get_queryset(request).listed_for(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
