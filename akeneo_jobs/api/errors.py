"""What an action refuses, as an HTTP answer."""

from collections import defaultdict
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from akeneo_jobs.exceptions import InvalidTransition, UnknownJobType, reasons_of

NON_FIELD = api_settings.NON_FIELD_ERRORS_KEY


class Throttled(exceptions.APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "throttled"


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


@contextmanager
def answered():
    """Turn the refusals of an action into 400 and 409; DRF knows PermissionDenied itself."""
    try:
        yield
    except InvalidTransition as error:
        raise Conflict(str(error)) from error
    except UnknownJobType as error:
        raise exceptions.ValidationError({NON_FIELD: [str(error)]}) from error
    except ValidationError as error:
        if getattr(error, "code", None) == "throttled":
            raise Throttled(error.message) from error
        raise exceptions.ValidationError(_details(error)) from error


def _details(error):
    details = defaultdict(list)
    for name, text in reasons_of(error):
        details[name or NON_FIELD].append(text)
    return details
