"""The report of one execution, its files, and what can be done from there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import DetailView

from akeneo_jobs import actions, parameters, registry, report
from akeneo_jobs.conf import conf
from akeneo_jobs.downloads import file_response
from akeneo_jobs.exceptions import InvalidTransition
from akeneo_jobs.models import JobExecution, JobFile
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.queue_state import queue_state
from akeneo_jobs.views.access import PersonRequiredMixin
from akeneo_jobs.views.forms import RepairForm

WARNINGS_PER_PAGE = 50
ACTS = (
    "can_stop",
    "can_pause",
    "can_resume",
    "can_relaunch",
    "can_repair",
    "can_launch_for_real",
)


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
        files = list(execution.files.offered())
        job_type = registry.find(execution.job_type)
        steps = execution.steps_now()
        return super().get_context_data(
            steps=steps,
            previews=[(step, report.outcomes_of(step)) for step in steps if step.preview],
            parameters=list(parameters.labelled(job_type, execution.shown_parameters)),
            files=[file for file in files if file.role != JobFile.Role.LOG],
            log=next((file for file in files if file.role == JobFile.Role.LOG), None),
            can_download=policy.can_download(user, execution),
            can_view_profile=bool(execution.profile) and policy.can_profile(user, "view"),
            refresh_seconds=conf.REFRESH_REPORT if execution.is_active else None,
            queue_state=queue_state(execution),
            **self._acts(execution),
            **self._relatives(execution, steps, files),
            **self._warnings(execution),
            **kwargs,
        )

    def _relatives(self, execution, steps, files):
        """Return what it was launched from, and what was done about its rejects."""
        repairs = report.repairs_of(execution, self.request.user)
        return {
            "parent": report.parent_of(execution, self.request.user),
            "rejects": report.rejects_of(execution, steps, repairs),
            "rejects_files": [file for file in files if file.role == JobFile.Role.REJECTS],
            "repair_form": RepairForm(),
        }

    def _acts(self, execution):
        may = get_policy().can_control(self.request.user, execution)
        return {act: may and getattr(execution, act) for act in ACTS}

    def _warnings(self, execution):
        """Return the causes with their counts, and the kept warnings of one cause or of all."""
        chosen = self.request.GET.get("cause", "").replace("\0", "")
        rows = report.warnings_of(execution, chosen)
        page = Paginator(rows, WARNINGS_PER_PAGE).get_page(self.request.GET.get("page"))
        # A row can be there a beat before it is counted on the execution.
        count = max(execution.warning_count, 0 if chosen else page.paginator.count)
        return {
            "causes": report.causes_of(execution),
            "chosen_cause": chosen,
            "warnings": page,
            "warning_count": count,
        }


class Act(ExecutionMixin, View):
    """Something done from a report, by POST only; then back to the report, or to the new one."""

    http_method_names = ["post"]
    act = None  # a function of `actions`
    done = ""

    def post(self, request, uuid):
        execution = self.get_execution()
        try:
            result = type(self).act(execution, request.user, **self.get_options())
        except InvalidTransition as error:
            messages.warning(request, str(error))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, self.done)
            execution = result or execution
        return redirect(execution)

    def get_options(self):
        """Return what the action takes beside the execution and the user."""
        return {}


class Stop(Act):
    act = actions.stop
    done = _("The operation stops. What is done stays done.")


class Pause(Act):
    act = actions.pause
    done = _("The operation pauses. It continues where it was when it is resumed.")


class Resume(Act):
    act = actions.resume
    done = _("The operation continues.")


class Relaunch(Act):
    act = actions.relaunch
    done = _("The operation has been launched again.")


class LaunchForReal(Act):
    act = actions.launch_for_real
    done = _("The operation has been launched for real.")


class Repair(Act):
    act = actions.repair
    done = _("The corrected file has been uploaded. Only the rows in it are handled.")

    def get_options(self):
        return {"file": self.request.FILES.get("file")}


class Download(ExecutionMixin, View):
    """A file of an execution, checked apart from its report; never shown inline."""

    def get(self, request, uuid, pk):
        execution = self.get_execution()
        if not get_policy().can_download(request.user, execution):
            message = _("You may read this report, but not download its files.")
            raise PermissionDenied(message)
        return file_response(get_object_or_404(execution.files.offered(), pk=pk))
