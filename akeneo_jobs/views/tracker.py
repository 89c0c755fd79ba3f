"""The process tracker: the operations that one has launched."""

from django.views.generic import ListView

from akeneo_jobs import registry
from akeneo_jobs.conf import conf
from akeneo_jobs.filters import DEFAULT_ORDERING, JobExecutionFilterSet
from akeneo_jobs.models import JobExecution
from akeneo_jobs.permissions import get_policy, launchable_by
from akeneo_jobs.queue_state import queue_notes
from akeneo_jobs.views.access import PersonRequiredMixin


class ProcessTracker(PersonRequiredMixin, ListView):
    template_name = "akeneo_jobs/process_tracker.html"
    context_object_name = "executions"

    def get_paginate_by(self, queryset):
        return conf.PAGE_SIZE

    def get_queryset(self):
        listed = JobExecution.objects.listed_for(self.request.user)
        self.filterset = JobExecutionFilterSet(
            self.request.GET, queryset=listed, request=self.request
        )
        if not self.filterset.is_valid():
            return listed.none()
        return self.filterset.qs.for_list()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        is_live = any(execution.is_active for execution in context["executions"])
        return context | {
            "filterset": self.filterset,
            "ordering": self.request.GET.get("ordering") or DEFAULT_ORDERING,
            "shows_users": get_policy().can_list_all(self.request.user),
            "refresh_seconds": conf.REFRESH_TRACKER if is_live else None,
            "queue_notes": queue_notes(context["executions"]),
            "can_launch": bool(launchable_by(self.request.user, registry.all_job_types())),
        }
