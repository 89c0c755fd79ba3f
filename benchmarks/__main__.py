"""Run every benchmark on the database of DATABASE_URL and print one table."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")


def main():
    django.setup()
    from django.core.management import call_command

    from benchmarks import tracking

    call_command("migrate", verbosity=0)
    print("| work | against | bound | measured | seconds |\n|---|---|---|---|---|")  # noqa: T201
    for comparison in (tracking.magento_import,):
        print(comparison())  # noqa: T201


main()
