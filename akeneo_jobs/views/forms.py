"""The forms of profiles: what every profile has, its job type's parameters, its files."""

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import parameters, secrecy
from akeneo_jobs.models import JobProfile


class UsernamesField(forms.CharField):
    """Users by their usernames, separated by commas: a host may have too many to choose from."""

    def prepare_value(self, value):
        if isinstance(value, list):
            return ", ".join(user.get_username() for user in value)
        return value

    def to_python(self, value):
        names = super().to_python(value).replace("\0", "").split(",")
        return list(filter(None, map(str.strip, names)))

    def clean(self, value):
        names = super().clean(value)
        user_model = get_user_model()
        users = list(user_model.objects.filter(**{f"{user_model.USERNAME_FIELD}__in": names}))
        unknown = set(names) - {user.get_username() for user in users}
        if unknown:
            names = ", ".join(sorted(unknown))
            raise ValidationError(_("There is no user “%(names)s”.") % {"names": names}, "unknown")
        return users


class ProfileForm(forms.ModelForm):
    """What every profile has, whatever its job type."""

    notified_users = UsernamesField(
        label=_("Users to notify"),
        required=False,
        help_text=_("Usernames, separated by commas. Whoever launches is notified anyway."),
    )

    class Meta:
        model = JobProfile
        fields = ["code", "label", "notified_users"]
        help_texts = {"code": _("Letters, digits and underscores; the API and commands use it.")}


class RepairForm(forms.Form):
    """The rejects of an execution, corrected."""

    file = forms.FileField(label=_("Upload the corrected file"))


class UploadForm(forms.Form):
    """The files of a job type, to upload and launch; its other parameters are the profile's."""

    def __init__(self, job_type, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fields = parameters.fields_of(job_type).items() if job_type else ()
        self.fields |= {name: field for name, field in fields if is_file(field)}

    @property
    def needs_file(self):
        return any(field.required for field in self.fields.values())

    def add_reasons(self, error):
        """Show beside its field what only the job type's own form finds wrong with a file."""
        for name, errors in getattr(error, "error_dict", {}).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, errors)


def parameters_form(job_type, profile, data=None):
    """Return the form of a job type with a profile's values; files are given at each launch.

    A secret that is set is not shown, and may be left empty to stay what it is.
    """
    secrets = secrecy.secret_names(job_type)
    shown = {name: value for name, value in profile.parameters.items() if name not in secrets}
    form = parameters.form_class(job_type)(data, initial=shown, prefix="parameters")
    for name, field in form.fields.items():
        if is_file(field) or profile.parameters.get(name) and name in secrets:
            field.required = False
        if name in secrets and profile.parameters.get(name):
            field.help_text = _("It is set and not shown. Leave it empty to keep it.")
    secrecy.hide_in(form, secrets)
    return form


def without_files(form):
    """Return the bound fields of a form that are no files."""
    return [bound for bound in form.visible_fields() if not is_file(bound.field)]


def asks_for_dry_run(request, job_type):
    """Say whether the second button of a launch form was pressed."""
    return parameters.offers_dry_run(job_type) and parameters.DRY_RUN in request.POST


def is_file(field):
    return isinstance(field, forms.FileField)
