"""The words for how an execution fares, and the only arrows between them."""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    STARTING = "starting", _("Starting")  # Recorded; no worker has begun.
    STARTED = "started", _("Started")  # A worker runs it.
    STOPPING = "stopping", _("Stopping")  # Someone asked; the worker has not seen it yet.
    STOPPED = "stopped", _("Stopped")
    PAUSING = "pausing", _("Pausing")  # Someone asked; the worker has not seen it yet.
    PAUSED = "paused", _("Paused")  # Keeps its checkpoint and waits to be resumed.
    COMPLETED = "completed", _("Completed")  # With or without warnings.
    FAILED = "failed", _("Failed")


RUNNING = frozenset({Status.STARTED, Status.STOPPING, Status.PAUSING})  # A worker holds it.
ACTIVE = RUNNING | {Status.STARTING}  # A worker holds it or is about to.
FINISHED = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED})

# verb: (statuses it starts from, status it leads to). A transition is keyed by its verb, never
# by its target: a second click on Stop must not mark a running operation as stopped.
TRANSITIONS = {
    "start": ({Status.STARTING}, Status.STARTED),  # a worker takes it
    "request_stop": ({Status.STARTED, Status.PAUSING}, Status.STOPPING),  # a person asks
    "request_pause": ({Status.STARTED}, Status.PAUSING),  # a person asks
    "cancel": ({Status.STARTING, Status.PAUSED}, Status.STOPPED),  # no worker needs asking
    "stop": ({Status.STOPPING}, Status.STOPPED),  # the worker obeys
    "pause": ({Status.PAUSING}, Status.PAUSED),  # the worker obeys
    "resume": ({Status.PAUSED, Status.FAILED}, Status.STARTING),  # a person: back to the queue
    "restart": ({Status.STARTED}, Status.STARTING),  # its worker died or shuts down
    "redeliver": ({Status.STARTING}, Status.STARTING),  # its process died before it began
    "abandon": ({Status.STARTING}, Status.FAILED),  # each of its processes died before it began
    "complete": (RUNNING, Status.COMPLETED),  # done before the request was seen: still done
    "fail": (RUNNING, Status.FAILED),  # never what waits: a replaced attempt may be late
}

STOPPABLE = TRANSITIONS["cancel"][0] | TRANSITIONS["request_stop"][0]
RESUMABLE = TRANSITIONS["resume"][0]


class Level(TextChoices):
    """The colour; text and icon always go with it."""

    SUCCESS = "success", _("Success")  # green
    WARNING = "warning", _("Warning")  # yellow
    ERROR = "error", _("Error")  # red
    RUNNING = "running", _("In progress")  # blue: active, nothing wrong so far
    STOPPED = "stopped", _("Stopped")  # neutral


def level_of(status, warning_count=0, error_count=0):
    """Derive the level of an execution or a step; the worst news wins."""
    if status == Status.FAILED or error_count:
        return Level.ERROR
    if warning_count:
        return Level.WARNING
    if status in {Status.STOPPED, Status.PAUSED}:
        return Level.STOPPED
    return Level.SUCCESS if status == Status.COMPLETED else Level.RUNNING


def level_query(level):
    """Say in SQL what `level_of` says in Python; a test holds the two together."""
    error = Q(status=Status.FAILED) | Q(error_count__gt=0)
    warning = Q(warning_count__gt=0)
    return {
        Level.ERROR: error,
        Level.WARNING: warning & ~error,
        Level.STOPPED: Q(status__in=[Status.STOPPED, Status.PAUSED]) & ~error & ~warning,
        Level.SUCCESS: Q(status=Status.COMPLETED) & ~error & ~warning,
        Level.RUNNING: Q(status__in=ACTIVE) & ~error & ~warning,
    }[Level(level)]
