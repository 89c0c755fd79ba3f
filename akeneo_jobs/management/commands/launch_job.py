"""`manage.py launch_job CODE`: launch an operation from a terminal, and wait for it."""

import json
import time
from pathlib import Path

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import actions, parameters, registry
from akeneo_jobs.exceptions import UnknownJobType, reasons_of
from akeneo_jobs.management.terminal import ProgressLine, print_report
from akeneo_jobs.models import JobExecution, JobProfile
from akeneo_jobs.statuses import Status

POLL = 0.2  # seconds between two looks at the row
EXIT_COMPLETED, EXIT_FAILED, EXIT_WARNINGS = 0, 1, 2


class Command(BaseCommand):
    help = gettext_lazy(
        "Launch an operation; with --wait, follow it and exit 0, 2 (warnings) or 1 (failed)."
    )

    def add_arguments(self, parser):
        parser.add_argument("code", nargs="?", help=_("the job type; not needed with --profile"))
        parser.add_argument("--profile", help=_("code of a saved profile"))
        parser.add_argument("--user", help=_("who launches; without it the operation is nobody's"))
        parser.add_argument("--parameters", default="{}", metavar="JSON", help=_("a JSON object"))
        parser.add_argument(
            "--parameter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=_("one parameter; for a file, its path; again for each value of a list"),
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("try it: everything that it does is undone")
        )
        parser.add_argument("--wait", action="store_true", help=_("follow it until it has ended"))

    def create_parser(self, *args, **kwargs):
        parser = super().create_parser(*args, **kwargs)
        parser.description = str(self.help)  # It cannot wrap a lazy text.
        if parser.called_from_command_line:  # Its own exit code means something else here.
            parser.error = lambda message: parser.exit(EXIT_FAILED, f"{message}\n")
        return parser

    def handle(self, *args, **options):
        if hasattr(self.stdout, "reconfigure"):  # A terminal without these characters shows "?".
            self.stdout.reconfigure(errors="replace")
        profile = self._profile(options)
        job_type = self._job_type(options["code"], profile)
        user = self._user(options["user"])
        values, opened = self._values(job_type, options)
        try:
            how = {"user": user, "parameters": values, "dry_run": options["dry_run"]}
            execution = self._launch(profile or job_type, how)
        finally:
            for file in opened:
                file.close()
        self.stdout.write(f"{execution.label}: {execution.uuid}")
        if options["wait"]:
            self._wait(execution)

    def _launch(self, what, how):
        launch = actions.launch_profile if isinstance(what, JobProfile) else actions.launch
        try:
            return launch(what, **how)
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError("\n".join(_lines(error))) from error

    def _wait(self, execution):
        """Follow the row; a person who has enough stops watching, not the operation."""
        line = ProgressLine(self.stdout)
        try:
            while not execution.is_finished and execution.status != Status.PAUSED:
                line.show(execution)
                time.sleep(POLL)
                execution = JobExecution.objects.get(pk=execution.pk)
        except KeyboardInterrupt:
            raise CommandError(_("Not waiting any longer; the operation goes on.")) from None
        finally:
            line.end()
        print_report(execution, self.stdout)
        raise SystemExit(exit_code(execution))

    def _profile(self, options):
        code = options["profile"]
        if not code:
            if not options["code"]:
                raise CommandError(_("Name a job type or a --profile."))
            return None
        profile = JobProfile.objects.filter(code=code).first()
        if profile is None:
            raise CommandError(_("There is no profile “%s”.") % code)
        if options["code"] not in {None, profile.job_type}:
            raise CommandError(
                _("The profile “%(profile)s” is for “%(job_type)s”.")
                % {"profile": code, "job_type": profile.job_type}
            )
        return profile

    def _job_type(self, code, profile):
        try:
            return registry.get(profile.job_type if profile else code)
        except UnknownJobType as error:
            known = ", ".join(sorted(one.code for one in registry.all_job_types()))
            hint = _("Known: %s") % (known or "-")
            raise CommandError(f"{error} {hint}") from error

    def _user(self, name):
        if name is None:
            return None
        try:
            return get_user_model().objects.get_by_natural_key(name)
        except get_user_model().DoesNotExist as error:
            raise CommandError(_("There is no user “%s”.") % name) from error

    def _values(self, job_type, options):
        """Return the values of --parameters and --parameter, and the files opened for them."""
        try:
            values = json.loads(options["parameters"])
        except ValueError as error:
            raise CommandError(_("--parameters is no JSON: %s") % error) from error
        if not isinstance(values, dict):
            raise CommandError(_("--parameters must be a JSON object."))
        fields = parameters.fields_of(job_type)
        for pair in options["parameter"]:
            name, separator, value = pair.partition("=")
            if not separator:
                raise CommandError(_("“%s” is not of the form name=value.") % pair)
            if getattr(getattr(fields.get(name), "widget", None), "allow_multiple_selected", False):
                value = [*_as_list(values.get(name)), value]
            values[name] = value
        opened = []
        for name, field in fields.items():
            if isinstance(field, forms.FileField) and isinstance(values.get(name), str):
                values[name] = _open(values[name])
                opened.append(values[name])
        return values, opened


def exit_code(execution):
    """Return 0 for completed, 2 for completed with warnings, 1 for anything else."""
    if execution.status != Status.COMPLETED:
        return EXIT_FAILED
    return EXIT_WARNINGS if execution.issue_count else EXIT_COMPLETED


def _open(path):
    try:
        return File(Path(path).open("rb"), name=Path(path).name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except ValueError as error:  # No path at all: it has a NUL.
        raise CommandError(f"{path!r}: {error}") from error


def _as_list(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _lines(error):
    return [f"{name}: {text}" if name else text for name, text in reasons_of(error)]
