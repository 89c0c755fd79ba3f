"""Why an operation has not begun yet, for people to read."""

from django.utils.translation import gettext as _

from akeneo_jobs import queue
from akeneo_jobs.conf import conf
from akeneo_jobs.statuses import Status


def queue_state(execution):
    """Return a sentence on an execution that waits; empty for one that does not."""
    if execution.status != Status.STARTING:
        return ""
    if execution.is_waiting_for_slot:
        return _("It waits until another operation that is under way has ended.")
    if execution.delivered_at is None:
        return _("It waits for the queue, which is away or has not taken it yet.")
    if queue.is_served(queue.name_of(execution)) is False:
        return nobody_listens(queue.name_of(execution))
    place = queue.place_of(execution)
    if place is None or place == 1:
        return _("It is the next one in the queue.")
    return _("It is number %(place)d in the queue.") % {"place": place}


def nobody_listens(name):
    """Return a sentence where no worker serves a queue; empty where one does."""
    if queue.is_served(name) is not False:
        return ""
    return _("No worker listens to the queue “%(name)s”: nothing starts until one does.") % {
        "name": name
    }


def queue_notes(executions):
    """Return a sentence for each queue that some of them wait in and no worker serves."""
    waiting = (one for one in executions if one.status == Status.STARTING)
    names = sorted({queue.name_of(execution) for execution in waiting})
    return [note for note in map(nobody_listens, names) if note]


def queue_of_type(job_type):
    return job_type.queue or conf.QUEUE
