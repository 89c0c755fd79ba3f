"""Typed parameters: the job type's Django form, for the page, the API and the command alike.

Values travel as a plain dict by field name. What a file field holds never enters that dict once
it is stored: the row keeps the file's name, a `JobFile` keeps the content.
"""

import json

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from akeneo_jobs.conf import conf

SECRET = "••••••"


def form_class(job_type):
    """Return the form of a job type; an empty one where it has no parameters."""
    return job_type.parameters_form or forms.Form


def fields_of(job_type):
    """Return the form's fields by name, those that its `__init__` adds included."""
    return form_class(job_type)().fields


def file_fields(form):
    """Return the form's fields that take a file."""
    return [field for field in form.fields.values() if isinstance(field, forms.FileField)]


def bind(job_type, values, files=None):
    """Return the form of a job type bound to values by field name.

    A missing value is the field's initial one. `files` maps the names of file fields to what was
    stored for them before, as when a worker loads the parameters of an execution.
    """
    data, uploads = {}, {}
    for name, field in fields_of(job_type).items():
        value = values.get(name, _initial(field))
        if isinstance(field, forms.FileField):
            if isinstance(value, File):
                uploads[name] = value
        elif value is not None:
            _fill(data, name, field, value)
    return form_class(job_type)(data=data, files=uploads, initial=files or {})


def clean(job_type, values, *, with_files=True):
    """Validate what somebody launches with; without files, what a profile keeps.

    Returns the plain values to store and the `File` of each file field.
    Raises `ValidationError` with a message for each wrong or unknown parameter.
    """
    form = bind(job_type, values)
    if not with_files:
        for field in file_fields(form):
            field.required = False
    errors = form.errors.as_data()
    for name in _too_large(form):
        message = _("This file is too large: at most %(size)d MB are allowed.")
        size = {"size": conf.UPLOAD_SIZE // 1_000_000}
        errors.setdefault(name, []).append(ValidationError(message, "too_large", size))
    for name in sorted(set(values) - set(form.fields)):
        errors.setdefault(NON_FIELD_ERRORS, []).append(
            ValidationError(_("There is no parameter “%(name)s”."), "unknown", {"name": name})
        )
    if errors:
        raise ValidationError(errors)
    return store(form)


def store(form):
    """Split a valid form into plain values and files."""
    plain, uploads = {}, {}
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if isinstance(field, forms.FileField):
            if value:
                plain[name], uploads[name] = value.name.rsplit("/", 1)[-1], value
        else:
            plain[name] = _plain(field, value)
    return plain, uploads


def load(job_type, values, files):
    """Return the typed parameters of an execution, its files as Django `File` objects.

    Raises `ValidationError` where they are no longer valid, as when a row was deleted since.
    """
    form = bind(job_type, values, files)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return form.cleaned_data


def values_from(job_type, data):
    """Read what a client sent: flat, or as an object (in multipart: its JSON) in `parameters`.

    Names that are no fields are kept, so that `clean` can refuse them.
    Raises `ValidationError` where it is neither.
    """
    fields = fields_of(job_type)
    if not hasattr(data, "items"):
        raise ValidationError(_("Send an object of parameters."))
    values = {name: _many_or_one(fields.get(name), data, name) for name in data}
    nested = {} if "parameters" in fields else values.pop("parameters", {})
    if isinstance(nested, str):
        try:
            nested = json.loads(nested)
        except ValueError as error:
            raise ValidationError(_("“parameters” is no JSON.")) from error
    if not isinstance(nested, dict):
        raise ValidationError(_("“parameters” must be an object."))
    return nested | values


def _many_or_one(field, data, name):
    many = getattr(getattr(field, "widget", None), "allow_multiple_selected", False)
    return data.getlist(name) if many and hasattr(data, "getlist") else data[name]


def masked(job_type, values):
    """Return the values with the secret ones hidden."""
    if job_type is None:
        return dict(values)
    return {
        name: SECRET if value and is_secret(job_type, name) else value
        for name, value in values.items()
    }


def is_secret(job_type, name):
    """Say whether a parameter is never shown: declared secret, or a password's input."""
    field = fields_of(job_type).get(name)
    return name in job_type.secret_parameters or isinstance(
        getattr(field, "widget", None), forms.PasswordInput
    )


def describe(job_type):
    """List the parameters: name, type, label, help, required, choices and default."""
    return [
        {
            "name": name,
            "type": _type(field),
            "label": str(field.label or name.replace("_", " ").capitalize()),
            "help_text": str(field.help_text),
            "required": field.required,
            "choices": _choices(field),
            "default": None if is_secret(job_type, name) else _plain(field, _initial(field)),
        }
        for name, field in fields_of(job_type).items()
    ]


def labelled(job_type, values):
    """Return (label, value) pairs for people to read, secrets masked."""
    fields = fields_of(job_type) if job_type else {}
    for name, value in masked(job_type, values).items():
        label = getattr(fields.get(name), "label", None) or name.replace("_", " ").capitalize()
        choices = dict(_flat_choices(fields.get(name)))
        shown = value if isinstance(value, list) else [value]
        texts = (choices.get(str(one)) or _text(one) for one in shown)
        yield label, ", ".join(texts)


def _text(value):
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


def _too_large(form):
    return [name for name, file in form.files.items() if file.size > conf.UPLOAD_SIZE]


def secrets_of(job_type, values):
    """Return the secret values among parameters, as text."""
    if job_type is None:
        return []
    return [str(value) for name, value in values.items() if value and is_secret(job_type, name)]


def _initial(field):
    return field.initial() if callable(field.initial) else field.initial


def _fill(data, name, field, value):
    """Write a value as the field's widget expects it from a browser."""
    plain = _plain(field, value)
    if isinstance(field.widget, forms.MultiWidget):
        is_text = isinstance(plain, str) and isinstance(field, forms.SplitDateTimeField)
        parts = field.widget.decompress(parse_datetime(plain) if is_text else plain)
        for suffix, part in zip(field.widget.widgets_names, parts, strict=True):
            data[name + suffix] = part
    elif isinstance(plain, dict):
        data[name] = json.dumps(plain)
    else:
        data[name] = plain


def _plain(field, value):
    """Reduce a value to what JSON can hold: primary keys for rows, ISO text for dates."""
    if isinstance(field, forms.ModelChoiceField):
        value = field.prepare_value(value)
    if isinstance(value, (set, tuple)):
        value = list(value)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _type(field):
    """Name the type of a field: "ChoiceField" reads "choice"."""
    return type(field).__name__.removesuffix("Field").lower() or "char"


def _choices(field):
    if isinstance(field, forms.ModelChoiceField):
        return None  # as many as the table has rows
    flat = [{"value": value, "label": str(label)} for value, label in _flat_choices(field)]
    return flat or None


def _flat_choices(field):
    if isinstance(field, forms.ModelChoiceField):
        return
    for value, label in getattr(field, "choices", ()):
        if isinstance(label, (list, tuple)):
            yield from ((str(v), str(text)) for v, text in label)
        else:
            yield str(value), str(label)
