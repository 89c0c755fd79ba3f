"""What `manage.py check` says of a host's job types and settings. Each id has a page in docs/."""

import re
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, storages
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from akeneo_jobs import registry
from akeneo_jobs.conf import DEFAULTS, conf
from akeneo_jobs.job_type import Step
from akeneo_jobs.permissions import JobPolicy

WORKER_CLASS = "akeneo_jobs.worker.JobWorker"
UNIQUE_BY = (None, "job_type", "profile")
ON_CONFLICT = ("wait", "refuse", "replace")
REPORT_ACCESS = ("link", "staff", "owner")
WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")  # It is a part of URLs.
CODE_LENGTH, KIND_LENGTH = 100, 50  # characters


@register("akeneo_jobs")
def check_job_types(app_configs, **kwargs):
    """Look at every registered job type."""
    job_types = registry.all_job_types()
    codes = Counter(str(job_type.code) for job_type in job_types)
    problems = []
    for job_type in job_types:
        problems += _check_job_type(job_type, codes)
    return problems


def _check_job_type(job_type, codes):
    if not job_type.code:
        yield _error("E001", job_type, _("has no code."), _("Set `code` to a unique string."))
    elif not _is_word(job_type.code, CODE_LENGTH):
        yield _error("E017", job_type, _("has the code %r.") % (job_type.code,), _word_hint())
    elif codes[job_type.code] > 1:
        message = _("shares its code “%s” with another job type.") % job_type.code
        yield _error("E002", job_type, message, _("Give each job type a code of its own."))
    if not str(job_type.label):
        yield _error("E003", job_type, _("has no label."), _("Set `label`: people read it."))
    if not job_type.kind:
        hint = _("Set `kind` to “import”, “export”, “mass_edit”, “rule”, “project” or your own.")
        yield _error("E004", job_type, _("has no kind."), hint)
    elif not _is_word(job_type.kind, KIND_LENGTH):
        yield _error("E018", job_type, _("has the kind %r.") % (job_type.kind,), _word_hint())
    yield from _check_steps(job_type)
    if job_type.queue and job_type.queue not in list(_queues()):
        yield _error("E006", job_type, _unknown_queue(job_type.queue), _queue_hint())
    yield from _check_limit(job_type)


def _check_steps(job_type):
    if not job_type.steps and not hasattr(job_type, "run"):
        hint = _("Set `steps`, or define run(self, context).")
        yield _error("E005", job_type, _("has nothing to run."), hint)
    steps = job_type.steps if isinstance(job_type.steps, (list, tuple)) else [job_type.steps]
    wrong = [step for step in steps if not _is_subclass(step, Step)]
    if wrong or steps is not job_type.steps:
        hint = _("Make `steps` a list of subclasses of Step, not of instances.")
        yield _error("E019", job_type, _("has the steps %r.") % (job_type.steps,), hint)


def _check_limit(job_type):
    if job_type.max_running is not None and not _is_alike(job_type.max_running, 1):
        message = _("has max_running %r.") % (job_type.max_running,)
        yield _error("E007", job_type, message, _("Set a whole number above zero, or None."))
    if job_type.unique_by not in UNIQUE_BY:
        hint = _("Use None, “job_type” or “profile”; for a key of your own, define unique_key.")
        yield _error("E008", job_type, _("has unique_by %r.") % (job_type.unique_by,), hint)
    if job_type.on_conflict not in ON_CONFLICT:
        hint = _("Use one of: %s") % ", ".join(ON_CONFLICT)
        yield _error("E009", job_type, _("has on_conflict %r.") % (job_type.on_conflict,), hint)
    if job_type.on_conflict == "replace" and not job_type.is_stoppable:
        hint = _("Set is_stoppable to True, or on_conflict to “wait” or “refuse”.")
        yield _error("E009", job_type, _("is to be replaced, but cannot be stopped."), hint)


@register("akeneo_jobs")
def check_settings(app_configs, **kwargs):
    """Look at AKENEO_JOBS and at RQ's settings."""
    given = getattr(settings, "AKENEO_JOBS", {})
    if not isinstance(given, dict):
        return [Error(_("AKENEO_JOBS must be a dict."), id="akeneo_jobs.E010")]
    unknown = [
        Error(
            _("AKENEO_JOBS has an unknown key “%s”.") % key,
            hint=_("Known keys: %s") % ", ".join(sorted(DEFAULTS)),
            id="akeneo_jobs.E011",
        )
        for key in given
        if key not in DEFAULTS
    ]
    return [
        *unknown,
        *_check_values(given),
        *_check_choices(),
        *_check_storage(),
        *_check_worker_class(),
    ]


def _check_values(given):
    for key, value in given.items():
        default = DEFAULTS.get(key)
        if key in DEFAULTS and not _is_alike(value, default):
            yield Error(
                _("AKENEO_JOBS[“%(key)s”] is %(value)r, which is no valid value.")
                % {"key": key, "value": value},
                hint=_("The default is %r.") % (default,),
                id="akeneo_jobs.E012",
            )


def _is_alike(value, default):
    """Compare types; numbers must be positive, and True is no number."""
    if default is None:  # No limit, unless a number says otherwise.
        return value is None or _is_alike(value, 1)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, (int, float)):
        allowed = (int, float) if isinstance(default, float) else int
        return isinstance(value, allowed) and value > 0
    return isinstance(value, type(default)) and bool(value)


def _check_choices():
    """Look at names that have the right type; else E012 has been told already."""
    if isinstance(conf.REPORT_ACCESS, str) and conf.REPORT_ACCESS not in REPORT_ACCESS:
        yield Error(
            _("AKENEO_JOBS[“REPORT_ACCESS”] is %r.") % (conf.REPORT_ACCESS,),
            hint=_("Use one of: %s") % ", ".join(REPORT_ACCESS),
            id="akeneo_jobs.E013",
        )
    if isinstance(conf.QUEUE, str) and conf.QUEUE not in _queues():
        yield Error(_unknown_queue(conf.QUEUE), hint=_queue_hint(), id="akeneo_jobs.E014")
    if isinstance(conf.POLICY, str):
        yield from _check_policy()


def _check_policy():
    try:
        message = _("AKENEO_JOBS[“POLICY”] is no subclass of JobPolicy.")
        is_policy = _is_subclass(import_string(conf.POLICY), JobPolicy)
    except (ImportError, ImproperlyConfigured) as error:
        message = _("AKENEO_JOBS[“POLICY”] cannot be imported: %s") % error
        is_policy = False
    if not is_policy:
        hint = _("Give the dotted path of a subclass of akeneo_jobs.permissions.JobPolicy.")
        yield Error(message, hint=hint, id="akeneo_jobs.E016")


def _check_storage():
    if not isinstance(conf.STORAGE, str):
        return
    if conf.STORAGE not in settings.STORAGES:
        yield Error(
            _("AKENEO_JOBS[“STORAGE”] names “%s”, which STORAGES does not have.") % conf.STORAGE,
            hint=_("Add it to STORAGES, or name another."),
            id="akeneo_jobs.E015",
        )
    elif _is_served(conf.STORAGE):
        yield checks.Warning(
            _("The storage “%s” is served: its files open without asking who may.") % conf.STORAGE,
            hint=_("Name a storage outside MEDIA_ROOT whose base_url is None."),
            id="akeneo_jobs.W021",
        )


def _is_served(alias):
    """Say whether a web server hands out this folder, as far as the settings tell."""
    if settings.STORAGES[alias].get("OPTIONS", {}).get("base_url"):
        return True
    try:
        location = getattr(storages[alias], "location", None)
    except InvalidStorageError:  # The first file says so.
        return False
    has_media = bool((settings.MEDIA_URL or "").strip("/"))
    return has_media and bool(location) and _is_within(location, settings.MEDIA_ROOT)


def _is_within(path, folder):
    return Path(path).resolve().is_relative_to(Path(folder).resolve())


def _check_worker_class():
    if not _is_job_worker(_dict("RQ").get("WORKER_CLASS")):
        yield checks.Warning(
            _("RQ's WORKER_CLASS is no JobWorker: nobody would notice a killed operation."),
            hint=f'RQ = {{"WORKER_CLASS": "{WORKER_CLASS}"}}',
            id="akeneo_jobs.W020",
        )


def _is_job_worker(given):
    try:
        worker_class = import_string(given) if isinstance(given, str) else given
        return _is_subclass(worker_class, import_string(WORKER_CLASS))
    except ImportError:
        return False


def _is_subclass(given, parent):
    return isinstance(given, type) and issubclass(given, parent)


def _is_word(given, length):
    return isinstance(given, str) and len(given) <= length and bool(WORD.match(given))


def _word_hint():
    return _("Use letters, digits, “_”, “.” and “-”; %(code)d characters, %(kind)d for a kind.") % {
        "code": CODE_LENGTH,
        "kind": KIND_LENGTH,
    }


def _error(number, job_type, message, hint):
    return Error(
        f"{job_type.__module__}.{job_type.__qualname__} {message}",
        hint=hint,
        obj=None,
        id=f"akeneo_jobs.{number}",
    )


def _queues():
    return _dict("RQ_QUEUES")


def _dict(name):
    """Return a setting that should be a dict; an empty one where it is not."""
    given = getattr(settings, name, None)
    return given if isinstance(given, dict) else {}


def _unknown_queue(name):
    return _("The queue “%s” is not in RQ_QUEUES.") % name


def _queue_hint():
    return _("Known queues: %s") % (", ".join(_queues()) or "-")
