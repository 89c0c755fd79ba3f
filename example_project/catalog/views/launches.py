"""What the pages that launch an operation share."""

from django.contrib import messages
from django.core.exceptions import ValidationError

from akeneo_jobs import actions
from akeneo_jobs.models import JobExecution


def launch(request, job_type, parameters):
    """Launch an operation; a message says that it runs, or why it does not."""
    try:
        actions.launch(job_type, parameters=parameters, request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def last_execution(user, job_type, **parameters):
    """Return the person's latest execution of a job type with these parameters."""
    lookups = {f"parameters__{name}": value for name, value in parameters.items()}
    found = JobExecution.objects.listed_for(user).filter(job_type=job_type, **lookups)
    return found.for_list().first()
