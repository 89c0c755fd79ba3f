"""What a host writes: a job type and its steps."""

import shutil

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """The five kinds; a host adds its own by writing another plain string."""

    IMPORT = "import", _("Import")
    EXPORT = "export", _("Export")
    MASS_EDIT = "mass_edit", _("Mass edit")
    RULE = "rule", _("Rule execution")
    PROJECT = "project", _("Project calculation")


def in_words(code):
    """Make a label out of a code: "mass_edit" reads "Mass edit"."""
    return str(code).replace("_", " ").strip().capitalize()


class Step:
    """One part of an operation, with its own progress, counts and warnings."""

    name = ""  # identifies the step within its job type
    label = ""  # what people read; the name in words where empty

    def __init__(self, name=None, label=None):
        self.name = name or self.name or type(self).__name__.lower()
        self.label = label or self.label or in_words(self.name)

    def run(self, context):
        """Do the work; count, warn and track through the `StepContext`.

        Raise `JobFailed` for an expected failure.
        """
        raise NotImplementedError(f"{type(self).__name__} must define run(context)")

    def split(self, context):
        """Return a list of slices, JSON values, to have several processes do the step in parts.

        Each part runs on its own and finds its slice in `context.slice`. None: the step stays
        whole.
        """
        return

    def join(self, name, files, output):
        """Join what the parts have written to files of one name, given in the parts' order.

        `files` are Django `File` objects, `output` is a binary file.
        """
        for file in files:
            with file.open("rb") as content:
                shutil.copyfileobj(content, output)


class _OnlyStep(Step):
    """The step of a job type that defines `run` itself."""

    def __init__(self, job_type):
        super().__init__(name="run", label=job_type.label)
        self.run = job_type.run


class JobType:
    """An operation that people launch.

    Subclass it in a module named `job_types` of an installed app and decorate the class with
    `register`. Give it `steps`, or define `run(self, context)` where one step is enough.
    """

    code = ""  # unique; stored with every execution, so keep it when you rename the class
    label = ""
    kind = ""
    kind_label = ""  # only for a kind of your own
    steps = ()  # Step classes, run in this order
    parameters_form = None  # a Django form class: typed, validated, also the launch page
    secret_parameters = ()  # names of parameters that are never shown
    permission = None  # "app_label.codename" needed to launch; None: any logged-in user
    queue = None  # name in RQ_QUEUES; None: the setting QUEUE
    is_stoppable = True
    is_restartable = False  # True: a killed execution continues by itself from its checkpoint
    max_running = None  # how many run at once; None: one per key where there is a key, else any
    unique_by = None  # what they are counted by: "job_type", "profile"; or override `unique_key`
    on_conflict = "wait"  # what a launch beyond it does: "wait", "refuse" or "replace" the oldest
    timeout = None  # seconds that one attempt may take; None: no limit
    can_dry_run = False  # True: it writes to databases only, so that it can be tried and undone
    is_visible = True  # False: launched by code only, not offered on the launch page

    def get_steps(self):
        """Return the step instances of one run."""
        if self.steps:
            return [step() for step in self.steps]
        if hasattr(self, "run"):
            return [_OnlyStep(self)]
        return []

    def unique_key(self, parameters, profile):
        """Return a text: of the launches with the same one, `max_running` run at once.

        None: nothing limits this launch. `parameters` are plain values, as they are stored.
        """
        if self.unique_by == "profile":
            return str(profile.pk) if profile else None
        return "" if self.unique_by == "job_type" or self.max_running else None

    def started(self, execution):
        """Called when a worker has started the execution; override at will."""

    def finished(self, execution):
        """Called when the execution has ended, whatever its outcome; override at will."""

    def notified(self, execution):
        """Return more users to notify when the execution has ended."""
        return []
