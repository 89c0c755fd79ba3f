"""The rows: what was launched, how it went, what went in and came out."""

from akeneo_jobs.models.executions import JobExecution, database
from akeneo_jobs.models.files import JobFile
from akeneo_jobs.models.notifications import Notification
from akeneo_jobs.models.profiles import JobProfile
from akeneo_jobs.models.steps import RejectedRows, StepExecution, StepWarning, WarningGroup

__all__ = [
    "JobExecution",
    "JobFile",
    "JobProfile",
    "Notification",
    "RejectedRows",
    "StepExecution",
    "StepWarning",
    "WarningGroup",
    "database",
]
