"""What it costs to purge many executions: `.ci/postgres python -m benchmarks.purge [COUNT …]`.

Each count is purged by a process of its own, so that its peak of memory is the purge's.
"""

import os
import subprocess
import sys
import time

import django
from django.db import connection

COUNTS = (10_000, 100_000, 1_000_000)
WARNINGS = 3  # per execution
PURGE = [sys.executable, "-m", "example_project.manage", "purge_jobs", "--verbosity", "0"]

EXECUTIONS = """
    INSERT INTO akeneo_jobs_jobexecution
        (uuid, job_type, kind, profile_label, status, parameters, language, queue, unique_key,
         is_waiting_for_slot, is_held, attempt, restarts, step_count, current_step, processed,
         counts, warning_count, error_count, failures, created_at, started_at, ended_at)
    SELECT gen_random_uuid(), 'csv_product_import', 'import', '', 'completed',
           '{"file": "products.csv"}', 'en', 'default', '', false, false, 1, 0, 1, 1, 1000,
           '{"created": 997}', %s, 0, '[]', now() - interval '1 year', now() - interval '1 year',
           now() - interval '1 year'
    FROM generate_series(1, %s)
"""
STEPS = """
    INSERT INTO akeneo_jobs_stepexecution
        (execution_id, position, name, label, status, processed, counts, warning_count, error_count)
    SELECT id, 1, 'import', 'Import', 'completed', 1000, '{"created": 997}', warning_count, 0
    FROM akeneo_jobs_jobexecution
"""
GROUPS = """
    INSERT INTO akeneo_jobs_warninggroup (step_id, key, cause, code, field, count, kept)
    SELECT id, 'a', 'The price … is no number.', '', 'price', warning_count, warning_count
    FROM akeneo_jobs_stepexecution
"""
STEP_WARNINGS = """
    INSERT INTO akeneo_jobs_stepwarning
        (step_id, "group", reason, code, position, field, item, item_label, item_url)
    SELECT step.id, 'a', 'The price “abc” is no number.', '', number, 'price',
           '{"sku": "A-100", "name": "A shirt", "price": "abc"}', '', ''
    FROM akeneo_jobs_stepexecution step, generate_series(1, %s) AS number
"""


def main(counts):
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print("| executions | warnings | seconds | per second | peak memory |\n|---|---|---|---|---|")
    for count in counts:
        fill(count)
        seconds, memory = measure()
        row = f"{count:,} | {count * WARNINGS:,} | {seconds:.0f} | {count / seconds:,.0f}"
        print(f"| {row} | {memory} MB |", flush=True)


def fill(count):
    """Write executions that ended a year ago, with a step, a cause and warnings each."""
    with connection.cursor() as cursor:
        cursor.execute(EXECUTIONS, [WARNINGS, count])
        cursor.execute(STEPS)
        cursor.execute(GROUPS)
        cursor.execute(STEP_WARNINGS, [WARNINGS])
        cursor.execute("ANALYZE")
    connection.close()


def measure():
    """Purge in a child process; return its seconds and its peak of memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(PURGE, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("The purge failed.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM akeneo_jobs_stepwarning")
        if cursor.fetchone() != (0,):
            raise SystemExit("The purge left something behind.")
    return time.monotonic() - started, usage.ru_maxrss // 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    os.environ["DEBUG"] = "0"  # It would keep the text of the last 9,000 queries.
    django.setup()
    main([int(argument) for argument in sys.argv[1:]] or COUNTS)
