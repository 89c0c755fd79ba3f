"""Parameters that are never shown: by their name, or because a password is typed into them."""

from django import forms

from akeneo_jobs import registry
from akeneo_jobs.parameters import fields_of

SECRET = "••••••"


def secret_names(job_type):
    """Return the names of a job type's secret parameters."""
    fields = fields_of(job_type).items()
    typed = {name for name, field in fields if isinstance(field.widget, forms.PasswordInput)}
    return sorted(typed | set(job_type.secret_parameters))


def names_for(row):
    """Return the names that are secret in an execution or a profile, now or when it was saved."""
    job_type = registry.find(row.job_type)
    return {*row.secret_parameters, *(secret_names(job_type) if job_type else ())}


def masked(values, names):
    """Return the values with those of these names hidden."""
    return {name: SECRET if value and name in names else value for name, value in values.items()}


def secrets_among(values, names):
    """Return the secret values, as text."""
    return [str(values[name]) for name in names if values.get(name)]


def kept(before, values, names):
    """Return the secrets that stay: those left empty, left out, or sent back masked."""
    return {
        name: before[name]
        for name in names
        if name in before and values.get(name) in (None, "", SECRET)
    }


def hide_in(form, names):
    """Keep a bound form from printing its secrets back."""
    for name in set(names) & set(form.fields):
        form.fields[name].widget = forms.PasswordInput(form.fields[name].widget.attrs)
