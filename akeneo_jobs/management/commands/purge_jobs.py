"""`manage.py purge_jobs`: remove what ended long ago. See docs/retention.md."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from akeneo_jobs import orphans, retention
from akeneo_jobs.conf import conf
from akeneo_jobs.models import JobProfile
from akeneo_jobs.statuses import FINISHED

LARGEST_BATCH = 10_000
WORDS = {
    "executions": ngettext_lazy("%d execution", "%d executions"),
    "steps": ngettext_lazy("%d step", "%d steps"),
    "warnings": ngettext_lazy("%d warning", "%d warnings"),
    "causes": ngettext_lazy("%d cause", "%d causes"),
    "rejects": ngettext_lazy("%d packet of rejected rows", "%d packets of rejected rows"),
    "notifications": ngettext_lazy("%d notification", "%d notifications"),
    "files": ngettext_lazy("%d file", "%d files"),
    "bytes": None,
    "protected": ngettext_lazy(
        "%d execution kept because other rows need it",
        "%d executions kept because other rows need them",
    ),
    "stuck_files": ngettext_lazy(
        "%d file that the storage did not let go", "%d files that the storage did not let go"
    ),
}


class Command(BaseCommand):
    help = "Remove operations that ended long ago, with their warnings, files and notifications."

    def add_arguments(self, parser):
        add = parser.add_argument
        add("--older-than", type=float, metavar="DAYS", help="since they ended; default KEEP_DAYS")
        add("--status", action="append", default=[], choices=sorted(FINISHED), help="repeatable")
        add("--kind", action="append", default=[], help="such as import; repeatable")
        add("--profile", action="append", default=[], help="code of a profile; repeatable")
        add(
            "--keep-last",
            type=int,
            default=0,
            metavar="N",
            help="keep the last N of each profile, and of each job type without one",
        )
        add("--orphans", action="store_true", help="also remove stored files that no row knows")
        add("--batch-size", type=int, default=retention.BATCH_SIZE, metavar="N")
        add("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args, **options):
        selection = self._selection(options)
        how = {"batch_size": options["batch_size"], "dry_run": options["dry_run"]}
        if not 0 < how["batch_size"] <= LARGEST_BATCH:
            raise CommandError(_("--batch-size must be between 1 and %d.") % LARGEST_BATCH)
        total = self._follow(retention.purge(selection, **how))
        if options["orphans"]:
            total += self._follow(orphans.purge_orphans(**how))
        intro = _("Would be removed") if options["dry_run"] else _("Removed")
        self.stdout.write(f"{intro}: {describe(total)}")

    def _selection(self, options):
        days = options["older_than"]
        if min(days or 0, options["keep_last"]) < 0:
            raise CommandError(_("--older-than and --keep-last cannot be negative."))
        known = JobProfile.objects.filter(code__in=options["profile"])
        unknown = set(options["profile"]) - set(known.values_list("code", flat=True))
        if unknown:
            raise CommandError(_("There is no profile “%s”.") % ", ".join(sorted(unknown)))
        return retention.Selection(
            older_than=conf.KEEP_DAYS if days is None else days,
            statuses=options["status"],
            kinds=options["kind"],
            profiles=options["profile"],
            keep_last=options["keep_last"],
        )

    def _follow(self, batches):
        """Print each batch as it is done; return the sum."""
        total = Counter()
        for counts in filter(None, batches):
            self.stdout.write(f"  {describe(counts)}")
            total += counts
        return total


def describe(counts):
    """Put counts on one line."""
    parts = [_part(name, counts[name]) for name in WORDS if counts.get(name)]
    return ", ".join(parts) or _("nothing")


def _part(name, count):
    if name == "bytes":
        return _("%(size)s in files") % {"size": filesizeformat(count)}
    return WORDS[name] % count
