"""The pages of profiles: Imports, Exports, and one profile with its last executions."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import ListView, TemplateView

from akeneo_jobs import actions, parameters, profiles, registry, wording
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobExecution, JobProfile
from akeneo_jobs.permissions import get_policy, is_person
from akeneo_jobs.views.access import PersonRequiredMixin
from akeneo_jobs.views.forms import (
    ProfileForm,
    UploadForm,
    asks_for_dry_run,
    is_file,
    parameters_form,
    without_files,
)
from akeneo_jobs.views.refusals import refusal

LAST_EXECUTIONS = 25


def job_types_of(kind):
    """Return the job types that a new profile of the kind may have."""
    return [one for one in registry.all_job_types() if one.kind == kind and one.is_visible]


def can_launch(user, job_type):
    """Say whether the page offers to launch a profile of this job type."""
    is_offered = job_type is not None and job_type.is_visible
    return is_offered and get_policy().can_launch(user, job_type)


def check_visible(job_type):
    """Raise `PermissionDenied` for what only code launches."""
    if job_type is not None and not job_type.is_visible:
        raise PermissionDenied(_("You may not launch this operation."))


def has_profiles_page(kind):
    """Say whether there are job types of the kind, or profiles of dropped ones."""
    kinds = JobProfile.objects.order_by().values_list("kind", flat=True).distinct()
    return bool(job_types_of(kind)) or kind in set(kinds)


class ProfileMixin(PersonRequiredMixin):
    """Ask the policy, then find the profile of the URL."""

    act = "view"

    def dispatch(self, request, *args, **kwargs):
        if is_person(request.user):
            profiles.check_permission(request.user, self.act)
        return super().dispatch(request, *args, **kwargs)

    def get_profile(self):
        profile = get_object_or_404(JobProfile, code=self.kwargs["code"])
        if profile.kind != self.kwargs["kind"]:
            raise Http404(_("There are no profiles of this kind."))
        return profile

    def get_context_data(self, **kwargs):
        user, policy = self.request.user, get_policy()
        kind = self.kwargs["kind"]
        acts = {f"can_{act}": policy.can_profile(user, act) for act in ("add", "change", "delete")}
        own = {"kind": kind, "words": wording.of_profiles(kind), **acts}
        return super().get_context_data(**kwargs | own)


class KindMixin(ProfileMixin):
    """A page of a kind that has job types, or profiles of dropped ones."""

    def get_context_data(self, **kwargs):
        if not has_profiles_page(self.kwargs["kind"]):
            raise Http404(_("There are no profiles of this kind."))
        return super().get_context_data(**kwargs)


class ProfileList(KindMixin, ListView):
    """All profiles of a kind, each with its last execution as far as the user may list it."""

    template_name = "akeneo_jobs/profiles.html"
    context_object_name = "profiles"

    def get_paginate_by(self, queryset):
        return conf.PAGE_SIZE

    def get_queryset(self):
        found = JobProfile.objects.filter(kind=self.kwargs["kind"])
        for word in self.get_search().split():
            found = found.filter(Q(label__icontains=word) | Q(code__icontains=word))
        own = JobExecution.objects.listed_for(self.request.user).filter(profile=OuterRef("pk"))
        return found.annotate(last_pk=Subquery(own.order_by("-pk").values("pk")[:1]))

    def get_search(self):
        return self.request.GET.get("search", "").replace("\0", "")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        shown = list(context["profiles"])
        last = JobExecution.objects.for_list().in_bulk([one.last_pk for one in shown])
        launchable = self.get_launchable_codes(shown)
        for profile in shown:
            profile.last_execution = last.get(profile.last_pk)
            profile.is_launchable = profile.job_type in launchable
        is_live = any(execution.is_active for execution in last.values())
        return context | {
            "profiles": shown,
            "search": self.get_search(),
            "can_add": context["can_add"] and bool(job_types_of(self.kwargs["kind"])),
            "refresh_seconds": conf.REFRESH_TRACKER if is_live else None,
        }

    def get_launchable_codes(self, shown):
        """Return the codes of the job types that the user may launch by one click."""
        job_types = filter(None, map(registry.find, {one.job_type for one in shown}))
        return {
            job_type.code
            for job_type in job_types
            if can_launch(self.request.user, job_type) and not UploadForm(job_type).needs_file
        }


class Profile(ProfileMixin, TemplateView):
    """One profile: its last executions, and launching it; POST launches."""

    template_name = "akeneo_jobs/profile.html"

    def get_context_data(self, **kwargs):
        profile, user = kwargs.get("profile") or self.get_profile(), self.request.user
        job_type = registry.find(profile.job_type)
        own = JobExecution.objects.listed_for(user).filter(profile=profile)
        executions = list(own.for_list()[:LAST_EXECUTIONS])
        is_live = any(execution.is_active for execution in executions)
        context = {
            "profile": profile,
            "job_type": job_type,
            "executions": executions,
            "shows_users": get_policy().can_list_all(user),
            "parameters": list(parameters.labelled(job_type, profile.shown_parameters)),
            "notified_users": profile.notified_users.all(),
            "can_launch": can_launch(user, job_type),
            "can_dry_run": job_type is not None and parameters.offers_dry_run(job_type),
            "upload_form": UploadForm(job_type),
            "refresh_seconds": conf.REFRESH_TRACKER if is_live else None,
        }
        return super().get_context_data(**context | kwargs)

    def post(self, request, kind, code):
        profile = self.get_profile()
        try:
            job_type = registry.find(profile.job_type)
            check_visible(job_type)
            execution = actions.launch_profile(
                profile,
                parameters=request.FILES.dict(),
                request=request,
                dry_run=job_type is not None and asks_for_dry_run(request, job_type),
            )
        except (PermissionDenied, ValidationError) as error:
            return self.refuse(profile, error)
        return redirect(execution)

    def refuse(self, profile, error):
        """Say why, above the page and beside each file."""
        job_type = registry.find(profile.job_type)
        fields = parameters.fields_of(job_type) if job_type else {}
        messages.error(self.request, refusal(_("Failed to launch the job profile."), error, fields))
        form = UploadForm(job_type, files=self.request.FILES)
        form.add_reasons(error)
        return self.render_to_response(
            self.get_context_data(profile=profile, upload_form=form), status=422
        )


class ProfileFormPage(KindMixin, TemplateView):
    """The form of a profile, with that of its job type."""

    template_name = "akeneo_jobs/profile_form.html"

    def get_forms(self, profile, data=None):
        """Return the two forms of the page; none while the job type is unknown."""
        job_type = registry.find(profile.job_type)
        if job_type is None:
            return None
        form = ProfileForm(data, instance=copy(profile))
        return form, parameters_form(job_type, profile, data)

    def get_context_data(self, **kwargs):
        profile = kwargs.pop("profile", None) or self.get_profile()
        forms = kwargs.pop("forms", None) or self.get_forms(profile)
        if forms:
            form, values_form = forms
            kwargs |= {"form": form, "parameters_form": values_form}
            kwargs["parameter_fields"] = without_files(values_form)
        return super().get_context_data(
            profile=profile,
            job_type=registry.find(profile.job_type),
            job_types=job_types_of(self.kwargs["kind"]),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        profile = self.get_profile()
        forms = self.get_forms(profile, request.POST)
        is_valid = [form.is_valid() for form in forms or ()]  # Both, to show all that is wrong.
        if forms and all(is_valid) and self.save(*forms):
            messages.success(request, _("The profile “%s” has been saved.") % forms[0].instance)
            return redirect(forms[0].instance)
        messages.error(request, _("Failed to save the job profile."))
        context = self.get_context_data(profile=profile, forms=forms)
        return self.render_to_response(context, status=422)

    def save(self, form, values_form):
        """Save the profile and say whether that was possible."""
        values = {
            name: value
            for name, value in values_form.cleaned_data.items()
            if not is_file(values_form.fields.get(name))
        }
        try:
            profiles.save(
                form.instance,
                user=self.request.user,
                values=values,
                notified_users=form.cleaned_data["notified_users"],
            )
        except ValidationError as error:
            values_form.add_error(None, error.messages)
            return False
        return True


class ProfileCreate(ProfileFormPage):
    """Choose a job type of the kind, then fill in its form."""

    act = "add"

    def get_profile(self):
        code = self.request.POST.get("job_type") or self.request.GET.get("job_type", "")
        is_offered = code in {one.code for one in job_types_of(self.kwargs["kind"])}
        return JobProfile(kind=self.kwargs["kind"], job_type=code if is_offered else "")


class ProfileEdit(ProfileFormPage):
    """Fill in the form of a profile that is there."""

    act = "change"


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
        if not has_profiles_page(kind):
            return redirect("akeneo_jobs:process_tracker")
        return redirect("akeneo_jobs:profiles", kind)


class ProfileDuplicate(ProfileMixin, View):
    http_method_names = ["post"]
    act = "add"

    def post(self, request, kind, code):
        copied = profiles.duplicate(self.get_profile(), user=request.user)
        messages.success(request, _("The profile has been duplicated."))
        if get_policy().can_profile(request.user, "change"):
            return redirect("akeneo_jobs:profile_edit", kind, copied.code)
        return redirect(copied)
