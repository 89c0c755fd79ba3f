"""Why something was refused, as a flash message."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import reasons_of


def refusal(sentence, error, fields):
    """Put a sentence and the reasons of an error into one text; `fields` give their labels."""
    return " ".join([sentence, *reasons(error, fields)])


def reasons(error, fields):
    """Return the texts of a `PermissionDenied` or `ValidationError`, each with its field."""
    if isinstance(error, PermissionDenied):
        return [str(error)]
    return [
        _named(fields.get(name), name, text) if name else text for name, text in reasons_of(error)
    ]


def _named(field, name, text):
    label = getattr(field, "label", None) or name.replace("_", " ").capitalize()
    return _("%(label)s: %(reason)s") % {"label": label, "reason": text}
