"""Why something was refused, as a flash message."""

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.utils.translation import gettext as _


def refusal(sentence, error, fields):
    """Put a sentence and the reasons of an error into one text; `fields` give their labels."""
    return " ".join([sentence, *reasons(error, fields)])


def reasons(error, fields):
    """Return the texts of a `PermissionDenied` or `ValidationError`, each with its field."""
    if isinstance(error, PermissionDenied):
        return [str(error)]
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        _named(fields.get(name), name, text)
        for name, texts in error.message_dict.items()
        for text in texts
    ]


def _named(field, name, text):
    if name == NON_FIELD_ERRORS:
        return text
    label = getattr(field, "label", None) or name.replace("_", " ").capitalize()
    return _("%(label)s: %(reason)s") % {"label": label, "reason": text}
