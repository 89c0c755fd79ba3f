"""The faults that are played."""

from chaos import deliveries, orders, servers, starts, workers
from chaos.faults import Fault

NOTHING_LOST = "0 rows lost, 0 twice, counts and warnings equal to the file, completed, told once"
ONE_ATTEMPT = "each completed, in one attempt"

FAULTS = [
    Fault("horse", "SIGKILL of the work-horse", 100, 4, NOTHING_LOST, workers.kill_horse),
    Fault(
        "worker",
        "SIGKILL of the worker, its horse left alive",
        30,
        4,
        f"{NOTHING_LOST}; a replaced horse writes nothing",
        workers.kill_worker,
    ),
    Fault(
        "part",
        "SIGKILL of one of two processes that share a step",
        50,
        4,
        NOTHING_LOST,
        workers.kill_part,
        workers=2,
    ),
    Fault(
        "start",
        "SIGKILL of a work-horse before it has started its execution",
        20,
        4,
        f"{NOTHING_LOST}; started within {starts.AT_ONCE} s, "
        f"{starts.SOON} where its worker was killed, too",
        starts.kill_before_start,
    ),
    Fault(
        "first",
        "a step that dies at its first moment",
        10,
        2,
        "its numbers are its own, those of the step before stay; told once",
        starts.die_at_first_moment,
    ),
    Fault(
        "watch",
        "SIGKILL of the watch beside a worker",
        10,
        2,
        "another one within 10 s, and what the queue has lost is completed, in one attempt",
        workers.kill_watch,
    ),
    Fault("deploy", "SIGTERM of the worker", 60, 4, NOTHING_LOST, orders.end_worker),
    Fault(
        "deploys",
        "SIGTERM of all workers at once, twice in a row",
        10,
        2,
        NOTHING_LOST,
        orders.end_all_workers,
        workers=2,
    ),
    Fault(
        "pause",
        "paused and resumed, up to three times",
        30,
        4,
        NOTHING_LOST,
        orders.pause_and_resume,
        workers=2,
    ),
    Fault(
        "limit",
        "ended by its time limit and resumed, until it is done",
        10,
        1,
        f"{NOTHING_LOST} of each end",
        orders.run_out_of_time,
    ),
    Fault(
        "redis",
        "Redis restarted empty, 1 execution running, 4 waiting",
        20,
        2,
        ONE_ATTEMPT,
        servers.restart_redis,
    ),
    Fault(
        "postgres",
        "PostgreSQL restarted in mid-run",
        10,
        3,
        "completed with nothing lost, or failed with the cause",
        servers.restart_postgres,
    ),
    Fault(
        "twice",
        "two workers given the same execution",
        100,
        4,
        "one ran, in one attempt",
        deliveries.deliver_twice,
        workers=2,
    ),
    Fault(
        "rollback",
        "50 launches rolled back, 50 committed, from 4 threads, half in savepoints",
        20,
        2,
        "exactly the committed ones ran, each once",
        deliveries.roll_back,
        workers=2,
    ),
    Fault(
        "storage",
        "storage full or read-only while a file is written",
        10,
        4,
        "failed with the cause, nothing half-offered or left behind; the next one completes",
        servers.fill_storage,
    ),
]


def chosen(codes):
    """Return the faults with these codes, in the order of the table; without any, all of them."""
    return [fault for fault in FAULTS if not codes or fault.code in codes]
