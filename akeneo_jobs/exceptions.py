"""What can go wrong, in one sentence each: the message of an exception that brings no other."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class JobsError(Exception):
    """Of all that keeps an operation from being launched, run or changed."""

    message = _("An operation could not be launched, run or changed.")

    def __str__(self):
        return super().__str__() or str(self.message)


class UnknownJobType(JobsError, LookupError):
    """No job type is registered under this code."""

    message = _("No job type is registered under this code.")


class InvalidTransition(JobsError):
    """The status allows this no longer: somebody else was faster."""

    message = _("The operation is no longer in a state in which this can be done.")


class JobFailed(JobsError):
    """The operation cannot go on, for a reason that a person understands.

    Raised by a host's code: the text is shown on the report, without a traceback.
    """

    message = _("The operation cannot go on.")


class ItemRefused(JobsError):
    """One item is left out; the operation goes on.

    Raised by a host's code: the text becomes a warning of the item, with its field and a code.
    """

    message = _("The item was left out.")

    def __init__(self, reason="", *, field=None, code=None):
        super().__init__(*[reason] if reason else [])
        self.field = field
        self.code = code


class Interruption(BaseException):
    """The running code must end here: not an error, so `except Exception` lets it pass."""

    message = ""

    def __str__(self):
        return str(self.message)


class StopRequested(Interruption):
    """A person stops it."""

    message = _("Somebody asked this operation to stop.")


class PauseRequested(Interruption):
    """A person pauses it."""

    message = _("Somebody asked this operation to pause.")


class GiveWay(Interruption):
    """The worker shuts down; this operation continues when one is back."""


class TimeLimitReached(Interruption):
    """The operation has run longer than its time limit."""


class AttemptReplaced(Interruption):
    """Another attempt at this execution has begun, or it was ended from outside."""


def reasons_of(error):
    """Yield what a `ValidationError` says: the name of a field, or None, and a text."""
    if not hasattr(error, "error_dict"):
        yield from ((None, text) for text in error.messages)
        return
    for name, texts in error.message_dict.items():
        for text in texts:
            yield (None if name == NON_FIELD_ERRORS else name), text


def refusal_of(error):
    """Return why an item is left out: a reason, the names of its wrong fields or "", and a code."""
    if isinstance(error, ValidationError):
        reasons = list(reasons_of(error))
        names = list(dict.fromkeys(name for name, _text in reasons if name))
        return _joined(reasons, names), ", ".join(names), _code_of(error)
    field, code = getattr(error, "field", None), getattr(error, "code", None)
    text = str(error).strip() or type(error).__name__
    if isinstance(error, KeyError):
        text = gettext("“%(value)s” is not known.") % {"value": " ".join(map(str, error.args))}
    if isinstance(error, DatabaseError):
        text = gettext("The database refused it: %(reason)s") % {"reason": text.splitlines()[0]}
    return text, field or "", code if isinstance(code, str) else ""


def _joined(reasons, names):
    """Put reasons into one text; each with its field where there are several fields."""
    if len(names) < 2:
        return " ".join(text for _name, text in reasons)
    return " ".join(f"{name}: {text}" if name else text for name, text in reasons)


def _code_of(error):
    codes = {one.code for one in getattr(error, "error_list", ()) if one.code}
    return codes.pop() if len(codes) == 1 else ""
