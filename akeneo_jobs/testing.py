"""For the tests of hosts: run a job type with no queue, register one for one test."""

from contextlib import contextmanager

from akeneo_jobs import actions, registry, runner


@contextmanager
def registered(*job_types):
    """Register job types within a `with` block."""
    for job_type in job_types:
        registry.register(job_type)
    try:
        yield
    finally:
        for job_type in job_types:
            registry.unregister(job_type)


def run(job_type, *, user=None, parameters=None, profile=None):
    """Launch a job type and run it at once, in this process, with no queue.

    Returns the finished `JobExecution`. Raises what `launch` raises.
    """
    execution = actions.record(job_type, user=user, parameters=parameters, profile=profile)
    runner.run(execution.pk)
    execution.refresh_from_db()
    return execution
