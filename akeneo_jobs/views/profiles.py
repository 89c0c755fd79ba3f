"""The pages of profiles: Imports, Exports, and one profile with its last executions."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import ListView, TemplateView

from akeneo_jobs import actions, parameters, profiles, registry
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution, JobProfile
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.views.access import PersonRequiredMixin

LAST_EXECUTIONS = 25


class ProfileForm(forms.ModelForm):
    """What every profile has, whatever its job type."""

    class Meta:
        model = JobProfile
        fields = ["code", "label", "notified_users"]


class ProfileMixin(PersonRequiredMixin):
    """Ask the policy, then find the profile of the URL."""

    act = "view"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            profiles.check_permission(request.user, self.act)
        return super().dispatch(request, *args, **kwargs)

    def get_profile(self):
        return get_object_or_404(JobProfile, kind=self.kwargs["kind"], code=self.kwargs["code"])

    def get_context_data(self, **kwargs):
        user, policy = self.request.user, get_policy()
        kind = self.kwargs["kind"]
        acts = {f"can_{act}": policy.can_profile(user, act) for act in ("add", "change", "delete")}
        return super().get_context_data(
            kind=kind, kind_label=registry.kind_label(kind), **acts, **kwargs
        )


class ProfileList(ProfileMixin, ListView):
    """All profiles of a kind, each with its last execution as far as the user may list it."""

    template_name = "akeneo_jobs/profiles.html"
    context_object_name = "profiles"

    def get_paginate_by(self, queryset):
        return conf.PAGE_SIZE

    def get_queryset(self):
        found = JobProfile.objects.filter(kind=self.kwargs["kind"])
        for word in self.request.GET.get("search", "").replace("\0", "").split():
            found = found.filter(label__icontains=word)
        own = JobExecution.objects.listed_for(self.request.user).filter(profile=OuterRef("pk"))
        return found.annotate(last_pk=Subquery(own.order_by("-pk").values("pk")[:1]))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        shown = list(context["profiles"])
        last = JobExecution.objects.for_list().in_bulk([one.last_pk for one in shown])
        for profile in shown:
            profile.last_execution = last.get(profile.last_pk)
        is_live = any(execution.is_active for execution in last.values())
        return context | {
            "profiles": shown,
            "search": self.request.GET.get("search", ""),
            "refresh_seconds": conf.REFRESH_TRACKER if is_live else None,
        }


class Profile(ProfileMixin, TemplateView):
    """One profile: its last executions, and launching it; POST launches."""

    template_name = "akeneo_jobs/profile.html"

    def get_context_data(self, **kwargs):
        profile, user = self.get_profile(), self.request.user
        job_type = registry.find(profile.job_type)
        own = JobExecution.objects.listed_for(user).filter(profile=profile)
        executions = list(own.for_list()[:LAST_EXECUTIONS])
        is_live = any(execution.is_active for execution in executions)
        return super().get_context_data(
            profile=profile,
            job_type=job_type,
            executions=executions,
            parameters=list(parameters.labelled(job_type, profile.parameters)),
            file_fields=_upload_fields(job_type),
            can_launch=job_type is not None and get_policy().can_launch(user, job_type),
            refresh_seconds=conf.REFRESH_TRACKER if is_live else None,
            **kwargs,
        )

    def post(self, request, kind, code):
        profile = self.get_profile()
        uploads = request.FILES.dict()
        try:
            execution = actions.launch_profile(
                profile, user=request.user, parameters=uploads, request=request
            )
        except (PermissionDenied, ValidationError) as error:
            messages.error(request, refusal(error))
            return redirect(profile)
        return redirect(execution)


class ProfileCreate(ProfileMixin, TemplateView):
    """Choose a job type of the kind, then fill in its form."""

    template_name = "akeneo_jobs/profile_form.html"
    act = "add"

    def get_profile(self):
        code = self.request.POST.get("job_type") or self.request.GET.get("job_type", "")
        return JobProfile(kind=self.kwargs["kind"], job_type=code)

    def get_context_data(self, **kwargs):
        profile = kwargs.pop("profile", None) or self.get_profile()
        job_type = registry.find(profile.job_type)
        forms = {}
        if job_type is not None:
            forms = {
                "form": kwargs.pop("form", None) or ProfileForm(instance=profile),
                "parameters_form": kwargs.pop("parameters_form", None)
                or _parameters_form(job_type, initial=profile.parameters),
            }
        choices = [one for one in registry.all_job_types() if one.kind == self.kwargs["kind"]]
        return super().get_context_data(
            profile=profile, job_type=job_type, job_types=choices, **forms, **kwargs
        )

    def post(self, request, *args, **kwargs):
        profile = self.get_profile()
        job_type = registry.find(profile.job_type)
        if job_type is None:
            return self.render_to_response(self.get_context_data(profile=profile), status=422)
        form = ProfileForm(request.POST, instance=profile)
        parameters_form = _parameters_form(job_type, data=request.POST, initial=profile.parameters)
        if form.is_valid() and parameters_form.is_valid():
            profiles.save(
                profile,
                user=request.user,
                values=parameters_form.cleaned_data,
                notified_users=form.cleaned_data["notified_users"],
            )
            messages.success(request, _("The profile “%s” has been saved.") % profile)
            return redirect(profile)
        context = self.get_context_data(profile=profile, form=form, parameters_form=parameters_form)
        return self.render_to_response(context, status=422)


class ProfileEdit(ProfileCreate):
    act = "change"

    def get_profile(self):
        return ProfileMixin.get_profile(self)


class ProfileDelete(ProfileMixin, TemplateView):
    """Ask, then delete."""

    template_name = "akeneo_jobs/profile_delete.html"
    act = "delete"

    def get_context_data(self, **kwargs):
        return super().get_context_data(profile=self.get_profile(), **kwargs)

    def post(self, request, kind, code):
        profile = self.get_profile()
        profiles.delete(profile, user=request.user)
        messages.success(request, _("The profile “%s” has been deleted.") % profile)
        return redirect("akeneo_jobs:profiles", kind)


class ProfileDuplicate(ProfileMixin, View):
    http_method_names = ["post"]
    act = "add"

    def post(self, request, kind, code):
        copy = profiles.duplicate(self.get_profile(), user=request.user)
        messages.success(request, _("The profile has been duplicated."))
        return redirect("akeneo_jobs:profile_edit", kind, copy.code)


def refusal(error):
    """Say in one sentence why a launch was refused."""
    if isinstance(error, PermissionDenied):
        return str(error)
    reasons = " ".join(error.messages)
    if hasattr(error, "error_dict"):
        reasons = " ".join(
            text if name == "__all__" else f"{name}: {text}"
            for name, texts in error.message_dict.items()
            for text in texts
        )
    return _("The operation was not launched. %s") % reasons


def _parameters_form(job_type, *, data=None, initial=None):
    """Return the job type's form without its files, which are given at each launch."""
    form = parameters.form_class(job_type)(data, initial=initial, prefix="parameters")
    for name in [name for name in form.fields if _is_file(form.fields[name])]:
        del form.fields[name]
    for name in form.fields:
        if parameters.is_secret(job_type, name) and initial and initial.get(name):
            form.fields[name].required = False
            form.initial.pop(name, None)
    return form


def _upload_fields(job_type):
    """Return the bound file fields of a job type, to upload and launch."""
    if job_type is None:
        return []
    form = parameters.form_class(job_type)()
    return [form[name] for name in form.fields if _is_file(form.fields[name])]


def _is_file(field):
    return isinstance(field, forms.FileField)
