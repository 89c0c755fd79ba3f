"""Which job types exist, by their codes. Pure Python: it lies below the rows."""

from django.utils.translation import gettext as _

from akeneo_jobs.exceptions import UnknownJobType
from akeneo_jobs.job_type import JobType, Kind, in_words

_registered = []


def register(job_type):
    """Make a `JobType` class known; to be used as a decorator.

    Mistakes (a code twice, no label) are kept and told by the system checks.
    """
    if not (isinstance(job_type, type) and issubclass(job_type, JobType)):
        raise TypeError(f"register takes a subclass of JobType, not {job_type!r}")
    if job_type not in _registered:
        _registered.append(job_type)
    return job_type


def unregister(job_type):
    """Forget a job type again, for the tests of a host."""
    _registered.remove(job_type)


def all_job_types():
    """Return the registered classes in the order of their registration."""
    return list(_registered)


def find(code):
    """Return an instance of the job type with this code, or None where the host dropped it."""
    return next((job_type() for job_type in _registered if job_type.code == code), None)


def get(job_type):
    """Return an instance for a code, a class or an instance.

    Raises `UnknownJobType` when nothing is registered under it.
    """
    code = job_type if isinstance(job_type, str) else job_type.code
    found = find(code)
    if found is None:
        raise UnknownJobType(_("There is no operation “%(code)s”.") % {"code": code})
    return found


def label_of(code):
    """Return the label of a job type; the code where the host dropped it."""
    job_type = find(code)
    return str(job_type.label or code) if job_type else code


def kind_label(kind):
    """Return what people read for a kind, be it one of the five or a host's own."""
    if kind in Kind.values:
        return str(Kind(kind).label)
    labels = (job_type.kind_label for job_type in _registered if job_type.kind == kind)
    return str(next(filter(None, labels), in_words(kind)))


def codes_with_label(word):
    """Return the codes of the job types whose label contains a word, in any case."""
    word = word.casefold()
    return [job_type.code for job_type in _registered if word in str(job_type.label).casefold()]
