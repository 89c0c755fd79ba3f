"""Executions that ended a year ago, with all that a purge removes along: one, and its copies."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from akeneo_jobs.models import JobExecution, StepExecution, StepWarning, WarningGroup
from akeneo_jobs.statuses import Status

WARNINGS = 3  # per execution
NUMBERS = {
    "status": Status.COMPLETED,
    "processed": 1000,
    "counts": {"created": 997},
    "warning_count": WARNINGS,
}


def fill(count):
    """Write so many into empty tables of a PostgreSQL, each with a step, a cause and warnings."""
    step = _one()
    with connection.cursor() as cursor:
        others = f"generate_series(2, {count}) AS other"
        _copy(cursor, JobExecution, others, uuid="gen_random_uuid()")
        others = f"{_others(JobExecution)} WHERE other.id <> {step.execution_id}"
        _copy(cursor, StepExecution, others, execution_id="other.id")
        others = f"{_others(StepExecution)} WHERE other.id <> {step.pk}"
        _copy(cursor, WarningGroup, others, step_id="other.id")
        _copy(cursor, StepWarning, others, step_id="other.id")
        cursor.execute("ANALYZE")


def _one():
    """Write the one that is copied, and return its step."""
    then = timezone.now() - timedelta(days=365)
    execution = JobExecution.objects.create(
        job_type="csv_product_import",
        kind="import",
        parameters={"file": "products.csv"},
        attempt=1,
        current_step=1,
        created_at=then,
        started_at=then,
        ended_at=then,
        **NUMBERS,
    )
    step = execution.all_steps.create(position=1, name="import", label="Import", **NUMBERS)
    about = {"field": "price", "step": step}
    cause = "The price … is no number."
    WarningGroup.objects.create(key="a", cause=cause, count=WARNINGS, kept=WARNINGS, **about)
    reason = "The price “abc” is no number."
    item = {"sku": "A-100", "name": "A shirt", "price": "abc"}
    StepWarning.objects.bulk_create(
        StepWarning(group="a", reason=reason, position=number, item=item, **about)
        for number in range(1, WARNINGS + 1)
    )
    return step


def _others(model):
    return f"{model._meta.db_table} AS other"


def _copy(cursor, model, others, **replaced):
    """Copy all rows of a table for each of some others, with some columns replaced."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [replaced.get(column) or f'one."{column}"' for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} AS one, {others}"
    )
