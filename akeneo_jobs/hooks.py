"""Calling what a host's job type wants to be told."""

import logging

from django.db import transaction

from akeneo_jobs import registry
from akeneo_jobs.models import database

logger = logging.getLogger(__name__)


def call_hook(execution, name):
    """Call a hook of the execution's job type and return its answer.

    A broken hook is logged, what it wrote is rolled back, and nothing else changes.
    """
    job_type = registry.find(execution.job_type)
    if job_type is None:
        return None
    try:
        with transaction.atomic(using=database()):
            return getattr(job_type, name)(execution)
    except Exception:
        logger.exception("hook %s of job type %s failed", name, execution.job_type)
        return None
