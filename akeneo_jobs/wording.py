"""What people are told of an operation: in the words of its kind, and what was counted."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akeneo_jobs import registry
from akeneo_jobs.job_type import Kind, in_words
from akeneo_jobs.statuses import Level

LAUNCHED = {
    Kind.IMPORT: _("The import “%(label)s” is running."),
    Kind.EXPORT: _("The export “%(label)s” is running."),
    Kind.MASS_EDIT: _(
        "The bulk action “%(label)s” has been launched. You will be notified when it is done."
    ),
    Kind.RULE: _(
        "The rule execution “%(label)s” has been launched. You will be notified when it is done."
    ),
    Kind.PROJECT: _(
        "The project calculation “%(label)s” has been launched."
        " You will be notified when it is done."
    ),
}
LAUNCHED_DRY = _("The dry run of “%(label)s” has been launched. Nothing will be changed.")
LAUNCHED_OTHER = _("“%(label)s” has been launched. You will be notified when it is done.")

ENDED = {
    (Kind.IMPORT, Level.SUCCESS): _("Import “%(label)s” finished"),
    (Kind.IMPORT, Level.WARNING): _("Import “%(label)s” finished with some warnings"),
    (Kind.IMPORT, Level.ERROR): _("Import “%(label)s” failed"),
    (Kind.EXPORT, Level.SUCCESS): _("Export “%(label)s” finished"),
    (Kind.EXPORT, Level.WARNING): _("Export “%(label)s” finished with some warnings"),
    (Kind.EXPORT, Level.ERROR): _("Export “%(label)s” failed"),
    (Kind.MASS_EDIT, Level.SUCCESS): _("Mass edit “%(label)s” finished"),
    (Kind.MASS_EDIT, Level.WARNING): _("Mass edit “%(label)s” finished with some warnings"),
    (Kind.MASS_EDIT, Level.ERROR): _("Mass edit “%(label)s” failed"),
    (Kind.RULE, Level.SUCCESS): _("Rule execution “%(label)s” finished"),
    (Kind.RULE, Level.WARNING): _("Rule execution “%(label)s” finished with some warnings"),
    (Kind.RULE, Level.ERROR): _("Rule execution “%(label)s” failed"),
    (Kind.PROJECT, Level.SUCCESS): _("Project calculation “%(label)s” finished"),
    (Kind.PROJECT, Level.WARNING): _("Project calculation “%(label)s” finished with some warnings"),
    (Kind.PROJECT, Level.ERROR): _("Project calculation “%(label)s” failed"),
}
ENDED_OTHER = {
    Level.SUCCESS: _("%(kind)s “%(label)s” finished"),
    Level.WARNING: _("%(kind)s “%(label)s” finished with some warnings"),
    Level.ERROR: _("%(kind)s “%(label)s” failed"),
}

ENDED_DRY = _("Dry run: %(sentence)s")

PROFILES = {
    Kind.IMPORT: {
        "all": _("Imports"),
        "one": _("Import profile"),
        "create": _("Create import profile"),
        "launch": _("Import now"),
        "upload": _("Upload and import now"),
    },
    Kind.EXPORT: {
        "all": _("Exports"),
        "one": _("Export profile"),
        "create": _("Create export profile"),
        "launch": _("Export now"),
        "upload": _("Upload and export now"),
    },
}
PROFILES_OTHER = {
    "one": _("Profile"),
    "create": _("Create profile"),
    "launch": _("Launch now"),
    "upload": _("Upload and launch now"),
}

COUNTS = {
    "read": pgettext_lazy("count", "read"),
    "created": pgettext_lazy("count", "created"),
    "updated": pgettext_lazy("count", "updated"),
    "unchanged": pgettext_lazy("count", "unchanged"),
    "skipped": pgettext_lazy("count", "skipped"),
    "written": pgettext_lazy("count", "written"),
    "deleted": pgettext_lazy("count", "deleted"),
    "processed": pgettext_lazy("count", "processed"),
}

OUTCOMES = {  # of a dry run, by the name of their count
    "created": _("Would be created"),
    "updated": _("Would be changed"),
    "deleted": _("Would be deleted"),
    "unchanged": _("Would stay as they are"),
    "skipped": _("Would be left out"),
}


def of_profiles(kind):
    """Return what the pages of a kind's profiles call them, and what is done with them."""
    return PROFILES.get(kind) or {"all": registry.kind_label(kind), **PROFILES_OTHER}


def launched(kind, label, is_dry_run=False):
    """Return the sentence of the flash message."""
    sentence = LAUNCHED_DRY if is_dry_run else LAUNCHED.get(kind, LAUNCHED_OTHER)
    return str(sentence) % {"label": label}


def ended(kind, label, level, is_dry_run=False):
    """Return the sentence of the notification; `level` is success, warning or error."""
    sentence = ENDED.get((kind, level)) or ENDED_OTHER[level]
    text = str(sentence) % {"label": label, "kind": registry.kind_label(kind)}
    return str(ENDED_DRY) % {"sentence": text} if is_dry_run else text


def outcome_label(name):
    """Return what people read for what a dry run would do, by the name of its count."""
    return str(OUTCOMES.get(name) or in_words(name))


def count_label(name):
    """Return what people read for the name of a step's count."""
    return str(COUNTS.get(name) or in_words(name).lower())


def counted(counts):
    """Return a step's counts on one line, for the log and the terminal."""
    return ", ".join(f"{count_label(name)} {count}" for name, count in counts.items()) or "-"
