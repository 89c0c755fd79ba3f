"""The report of one execution, its files, and what can be done from there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView

from akeneo_jobs import actions, parameters, registry
from akeneo_jobs.conf import conf
from akeneo_jobs.downloads import file_response
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution, JobFile, StepWarning
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.views.access import PersonRequiredMixin

WARNINGS_PER_PAGE = 50


class ExecutionMixin(PersonRequiredMixin):
    """Find the execution of the URL among those that the user may view; else 404."""

    def get_execution(self):
        viewable = JobExecution.objects.viewable_by(self.request.user)
        return get_object_or_404(
            viewable.select_related("user", "profile"), uuid=self.kwargs["uuid"]
        )


class Report(ExecutionMixin, DetailView):
    template_name = "akeneo_jobs/report.html"
    context_object_name = "execution"

    def get_object(self, queryset=None):
        return self.get_execution()

    def get_context_data(self, **kwargs):
        execution, policy, user = self.object, get_policy(), self.request.user
        can_control = policy.can_control(user, execution)
        files = list(execution.files.all())
        warnings = StepWarning.objects.filter(step__execution=execution).select_related("step")
        job_type = registry.find(execution.job_type)
        return super().get_context_data(
            steps=execution.steps_now(),
            parameters=list(parameters.labelled(job_type, execution.parameters)),
            warnings=Paginator(warnings, WARNINGS_PER_PAGE).get_page(self.request.GET.get("page")),
            files=[file for file in files if file.role != JobFile.Role.LOG],
            log=next((file for file in files if file.role == JobFile.Role.LOG), None),
            can_download=policy.can_download(user, execution),
            can_stop=can_control and execution.can_stop,
            can_view_profile=bool(execution.profile) and policy.can_profile(user, "view"),
            refresh_seconds=conf.REFRESH_REPORT if execution.is_active else None,
            **kwargs,
        )


class Stop(ExecutionMixin, View):
    """POST only."""

    http_method_names = ["post"]

    def post(self, request, uuid):
        execution = self.get_execution()
        try:
            actions.stop(execution, request.user)
        except InvalidTransition as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The operation stops. What is done stays done."))
        return redirect(execution)


class Download(ExecutionMixin, View):
    """A file of an execution, checked apart from its report; never shown inline."""

    def get(self, request, uuid, pk):
        execution = self.get_execution()
        if not get_policy().can_download(request.user, execution):
            raise PermissionDenied(_("You may read this report, but not download its files."))
        return file_response(get_object_or_404(execution.files, pk=pk))
