"""Let the commit of each chunk take its time, so that faults land in it as in other phases."""

from django.db import connection

from akeneo_jobs.models import StepExecution
from chaos.job_types import WORK

SLOW = """
    CREATE FUNCTION chaos_slow_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER chaos_slow_commit AFTER UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.checkpoint IS DISTINCT FROM NEW.checkpoint) EXECUTE FUNCTION chaos_slow_commit();
"""


def slow_down():
    """Have the database wait within each commit that brings a new checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW.format(seconds=4 * WORK, table=StepExecution._meta.db_table))
