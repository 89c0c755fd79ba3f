"""The launch page: the form of a job type."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from akeneo_jobs import actions, parameters, registry, secrecy
from akeneo_jobs.permissions import get_policy, is_person, launchable_by
from akeneo_jobs.queue_state import nobody_listens, queue_of_type
from akeneo_jobs.views.access import PersonRequiredMixin
from akeneo_jobs.views.forms import asks_for_dry_run
from akeneo_jobs.views.refusals import refusal


class JobTypes(PersonRequiredMixin, TemplateView):
    """What the user may launch."""

    template_name = "akeneo_jobs/job_types.html"

    def get_context_data(self, **kwargs):
        job_types = launchable_by(self.request.user, registry.all_job_types())
        return super().get_context_data(job_types=job_types, **kwargs)


class Launch(PersonRequiredMixin, FormView):
    http_method_names = ["get", "post"]
    template_name = "akeneo_jobs/launch.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.job_type = registry.find(self.kwargs["code"])

    def dispatch(self, request, *args, **kwargs):
        if not is_person(request.user):
            return self.handle_no_permission()
        if self.job_type is None or not self.job_type.is_visible:
            raise Http404(_("There is no such operation."))
        if not get_policy().can_launch(request.user, self.job_type):
            messages.error(request, _("You may not launch this operation."))
            return redirect("akeneo_jobs:job_types")
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        return parameters.form_class(self.job_type)

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        secrecy.hide_in(form, self.job_type.secret_parameters)
        return form

    def form_valid(self, form):
        try:
            execution = actions.launch(
                self.job_type,
                parameters=parameters.raw_values(form),
                request=self.request,
                dry_run=asks_for_dry_run(self.request, self.job_type),
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return redirect(execution)

    def form_invalid(self, form):
        error = ValidationError(form.errors.as_data())
        text = refusal(_("Failed to launch the operation."), error, form.fields)
        messages.error(self.request, text)
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            job_type=self.job_type,
            can_dry_run=parameters.offers_dry_run(self.job_type),
            kind_label=registry.kind_label(self.job_type.kind),
            queue_note=nobody_listens(queue_of_type(self.job_type)),
            **kwargs,
        )
