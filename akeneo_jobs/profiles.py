"""What a person does with profiles: save, duplicate, delete. Launching one is an action."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from akeneo_jobs import parameters, registry, secrecy
from akeneo_jobs.exceptions import UnknownJobType
from akeneo_jobs.models import JobProfile, database
from akeneo_jobs.permissions import get_policy


def save(profile, *, user, values, notified_users=None):
    """Create or change a profile with these parameters; files are given at each launch.

    A secret that is left empty, or sent back masked, stays what it was.
    Raises `PermissionDenied`, or `ValidationError` with a message per field; then nothing changes.
    """
    check_permission(user, "add" if profile.pk is None else "change")
    try:
        job_type = registry.get(profile.job_type)
    except UnknownJobType as error:
        raise ValidationError({"job_type": str(error)}) from error
    secrets = secrecy.secret_names(job_type)
    values = {**values, **secrecy.kept(profile.parameters, values, secrets)}
    profile.kind, profile.secret_parameters = job_type.kind, secrets
    profile.parameters, _files = parameters.clean(job_type, values, with_files=False)
    profile.full_clean()
    with transaction.atomic(using=database()):
        profile.save()
        if notified_users is not None:
            profile.notified_users.set(notified_users)
    return profile


def duplicate(profile, *, user):
    """Save a copy under a code of its own and return it. Raises `PermissionDenied`."""
    check_permission(user, "add")
    with transaction.atomic(using=database()):
        copy = JobProfile.objects.create(
            code=_free_code(profile.code),
            label=(_("Copy of %(label)s") % {"label": profile.label})[:255],
            job_type=profile.job_type,
            kind=profile.kind,
            parameters=profile.parameters,
            secret_parameters=profile.secret_parameters,
        )
        copy.notified_users.set(profile.notified_users.all())
    return copy


def delete(profile, *, user):
    """Delete a profile; its executions and reports stay. Raises `PermissionDenied`."""
    check_permission(user, "delete")
    profile.delete()


def check_permission(user, act):
    """Raise `PermissionDenied` unless the user may "view", "add", "change" or "delete"."""
    if not get_policy().can_profile(user, act):
        raise PermissionDenied(_("You have no right to do this with profiles."))


def _free_code(code):
    taken = set(
        JobProfile.objects.filter(code__startswith=code[:80]).values_list("code", flat=True)
    )
    number, free = 2, f"{code[:80]}_copy"
    while free in taken:
        number, free = number + 1, f"{code[:80]}_copy{number}"
    return free
