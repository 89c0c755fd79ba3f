"""Who hears of an outcome, and the rows that tell them."""

import logging

from django.db import transaction

from akeneo_jobs.hooks import call_hook
from akeneo_jobs.models import Notification, database
from akeneo_jobs.permissions import is_person
from akeneo_jobs.statuses import Status

logger = logging.getLogger(__name__)

# Who stops an operation knows that it has ended.
TELLING = frozenset({Status.COMPLETED, Status.FAILED})


def notify(execution):
    """Tell everybody concerned how an execution ended, once per outcome.

    To be called in the transaction of the outcome: both are committed, or neither. A failure to
    notify is logged and does not change the outcome.
    """
    if execution.status not in TELLING:
        return
    try:
        with transaction.atomic(using=database()):
            Notification.objects.bulk_create(
                (
                    Notification(
                        user=user,
                        execution=execution,
                        attempt=execution.attempt,
                        level=execution.level,
                    )
                    for user in recipients_of(execution)
                ),
                ignore_conflicts=True,
            )
    except Exception:
        logger.exception("nobody could be notified of execution %s", execution.uuid)


def recipients_of(execution):
    """Return the launcher, whom the profile names, and whom the job type adds, each once."""
    users = [execution.user] if execution.user else []
    if execution.profile:
        users += execution.profile.notified_users.all()
    users += _added_by_host(execution)
    return list({user.pk: user for user in users if is_person(user)}.values())


def _added_by_host(execution):
    """Return whom the job type adds; nobody where its answer is no list of users."""
    try:
        return [user for user in call_hook(execution, "notified") or () if is_person(user)]
    except Exception:
        logger.exception("hook notified of job type %s failed", execution.job_type)
        return []
