"""What goes into an attempt: the job type, its steps and the typed parameters with their files."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from akeneo_jobs import parameters, registry
from akeneo_jobs.exceptions import JobFailed, UnknownJobType
from akeneo_jobs.models import JobFile


class Inputs:
    """Loaded when the attempt begins; closes its files when it ends."""

    def __init__(self, execution):
        self.execution = execution
        self._files = {}

    def load(self):
        """Return the steps and the typed parameters.

        Raises `JobFailed` where the job type is gone or a parameter is no longer valid.
        """
        try:
            job_type = registry.get(self.execution.job_type)
            stored = self.execution.files.filter(role=JobFile.Role.INPUT)
            self._files = {row.parameter: row.file for row in stored}
            values = parameters.load(job_type, self.execution.parameters, self._files)
        except UnknownJobType as error:
            raise JobFailed(error) from error
        except ValidationError as error:
            raise JobFailed(
                _("The parameters are no longer valid: %(errors)s")
                % {"errors": " ".join(error.messages)}
            ) from error
        return job_type.get_steps(), values

    def close(self):
        for file in self._files.values():
            file.close()
