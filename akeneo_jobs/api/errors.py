"""What an action refuses, as an HTTP answer."""

from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from akeneo_jobs.exceptions import InvalidTransition, UnknownJobType

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
    if not hasattr(error, "error_dict"):
        return {NON_FIELD: error.messages}
    details = dict(error.message_dict)
    if NON_FIELD_ERRORS in details:
        details[NON_FIELD] = details.pop(NON_FIELD_ERRORS)
    return details
