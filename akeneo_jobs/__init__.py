"""Job types, executions, reports: what a process tracker gives a PIM, for any Django project.

This module is imported before the apps are ready, so nothing here touches a model.
"""

from akeneo_jobs.exceptions import ItemRefused, JobFailed
from akeneo_jobs.items import ItemStep
from akeneo_jobs.job_type import JobType, Kind, Step
from akeneo_jobs.registry import register

__version__ = "0.1.0"

__all__ = ["ItemRefused", "ItemStep", "JobFailed", "JobType", "Kind", "Step", "register"]
