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
from akeneo_jobs.plain import clean_text, is_storable

DRY_RUN = "dry_run"  # what pages and clients send beside the parameters


def form_class(job_type):
    """Return the form of a job type; an empty one where it has no parameters."""
    return job_type.parameters_form or forms.Form


def fields_of(job_type):
    """Return the form's fields by name, those that its `__init__` adds included."""
    return form_class(job_type)().fields


def offers_dry_run(job_type):
    """Say whether pages and clients can ask for a dry run beside the parameters."""
    return job_type.can_dry_run and DRY_RUN not in fields_of(job_type)


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
        elif value is not None and not isinstance(value, File):
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
    for name, error in _refusals(form, values):
        errors.setdefault(name, []).append(error)
    if errors:
        raise ValidationError(errors)
    return store(form)


def _refusals(form, values):
    """Yield what is wrong with values whatever the form says, with the name that it concerns."""
    for name, value in values.items():
        field = form.fields.get(name)
        if field is None:
            message = _("There is no parameter “%(name)s”.")
            yield NON_FIELD_ERRORS, ValidationError(message, "unknown", {"name": name})
        elif isinstance(value, File):
            yield from _file_refusals(name, field, value)
        elif not is_storable(_plain(field, value)):
            yield name, ValidationError(_("This contains characters that are no text."), "no_text")


def _file_refusals(name, field, file):
    if not isinstance(field, forms.FileField):
        yield name, ValidationError(_("This takes no file."), "no_file")
    elif file.size > conf.UPLOAD_SIZE:
        message = _("This file is too large: at most %(size)d MB are allowed.")
        yield name, ValidationError(message, "too_large", {"size": conf.UPLOAD_SIZE // 1_000_000})


def raw_values(form):
    """Return what a page sent for each field, to be validated by `clean` like any other."""
    values = {bound.name: bound.data for bound in form}
    return {name: value for name, value in values.items() if value is not None}


def store(form):
    """Split a valid form into plain values and files."""
    plain, uploads = {}, {}
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if isinstance(field, forms.FileField):
            if value:
                plain[name], uploads[name] = clean_text(value.name.rsplit("/", 1)[-1]), value
        else:
            plain[name] = _stored(form, name, field, value)
    return plain, uploads


def _stored(form, name, field, value):
    """Return a cleaned value; what was sent where the form made it something that is no JSON."""
    try:
        return _plain(field, value)
    except TypeError:
        return _plain(field, form[name].data)


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

    Names that are no fields are kept, so that `clean` can refuse them; `dry_run` beside the
    parameters is left out. Raises `ValidationError` where it is neither.
    """
    fields = fields_of(job_type)
    if not hasattr(data, "items"):
        raise ValidationError(_("Send an object of parameters."))
    names = [name for name in data if name in fields or name != DRY_RUN]
    values = {name: _many_or_one(fields.get(name), data, name) for name in names}
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
    many = _takes_many(field) and hasattr(data, "getlist")
    return data.getlist(name) if many else data[name]


def _takes_many(field):
    return getattr(getattr(field, "widget", None), "allow_multiple_selected", False)


def describe(job_type, hidden=()):
    """List the parameters: name, type, label, help, required, choices and default.

    Those with a name in `hidden` show no default.
    """
    return [
        {
            "name": name,
            "type": _type(field),
            "label": str(field.label or name.replace("_", " ").capitalize()),
            "help_text": str(field.help_text),
            "required": field.required,
            "choices": _choices(field),
            "default": None if name in hidden else _plain(field, _initial(field)),
        }
        for name, field in fields_of(job_type).items()
    ]


def labelled(job_type, values):
    """Return (label, value) pairs for people to read."""
    fields = fields_of(job_type) if job_type else {}
    for name, value in values.items():
        field = fields.get(name)
        label = getattr(field, "label", None) or name.replace("_", " ").capitalize()
        shown = value if isinstance(value, list) else [value]
        words = _words(field, shown)
        yield label, ", ".join(words.get(str(one)) or _text(one) for one in shown)


def _words(field, values):
    """Return what people read for the values of a choice, be they constants or rows."""
    if not isinstance(field, forms.ModelChoiceField):
        return dict(_flat_choices(field))
    rows = field.queryset.filter(pk__in=[value for value in values if value])
    return {str(field.prepare_value(row)): field.label_from_instance(row) for row in rows}


def _text(value):
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


def _initial(field):
    return field.initial() if callable(field.initial) else field.initial


def _fill(data, name, field, value):
    """Write a value as the field's widget expects it from a browser."""
    plain = _plain(field, value)
    if isinstance(field.widget, forms.MultiWidget):
        suffixes = field.widget.widgets_names
        data |= zip((name + suffix for suffix in suffixes), _parts(field, plain), strict=False)
    elif isinstance(field, forms.JSONField):
        data[name] = plain if _is_json(plain) else json.dumps(plain)
    elif isinstance(field, forms.BooleanField) or _takes_many(field):
        data[name] = plain
    else:
        data[name] = str(plain)


def _parts(field, plain):
    """Split a value that is typed in several parts; one that is none goes to the first part."""
    if isinstance(plain, list):
        return ["" if part is None else str(part) for part in plain]
    is_moment = isinstance(plain, str) and isinstance(field, forms.SplitDateTimeField)
    try:
        value = parse_datetime(plain) if is_moment else plain
        return field.widget.decompress(value) if value is not None else [str(plain)]
    except (AttributeError, TypeError, ValueError):
        return [str(plain)]


def _is_json(value):
    """Say whether this is JSON already, as a page or a command sends it."""
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return False
    return True


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
