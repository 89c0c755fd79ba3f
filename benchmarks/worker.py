"""A worker that knows the job type of the partitions; only to be started by `partitions`."""

import django


def main():
    django.setup()

    from django.core.management import call_command

    from akeneo_jobs.testing import registered
    from benchmarks.job_types import Hashing

    with registered(Hashing):
        call_command("rqworker", "default")


if __name__ == "__main__":
    main()
