"""The questions that are asked about executions."""

from functools import reduce
from operator import and_, or_
from uuid import UUID

from django.db.models import Q, QuerySet

from akeneo_jobs import registry
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.statuses import ACTIVE, FINISHED, RUNNING, level_query

SEARCHED_WORDS = 10


class JobExecutionQuerySet(QuerySet):
    def known_as(self, job_id):
        """The execution that the queue knows by this id; none for a job of somebody else."""
        try:
            return self.filter(uuid=UUID(job_id))
        except ValueError:
            return self.none()

    def active(self):
        """A worker holds it or is about to."""
        return self.filter(status__in=ACTIVE)

    def running(self):
        """A worker holds it."""
        return self.filter(status__in=RUNNING)

    def finished(self):
        return self.filter(status__in=FINISHED)

    def listed_for(self, user):
        """What lists, counts, widget and filter choices may show to this user."""
        return get_policy().list(self, user)

    def viewable_by(self, user):
        """Whose report may be opened by this user who has its URL."""
        return get_policy().view(self, user)

    def with_level(self, *levels):
        return self.filter(reduce(or_, map(level_query, levels), Q()))

    def search(self, text):
        """Keep executions whose label or job type contains every word, in any order and case.

        Words beyond the first ten are left out.
        """
        words = map(_label_contains, text.replace("\0", "").split()[:SEARCHED_WORDS])
        return self.filter(reduce(and_, words, Q()))

    def for_list(self):
        """Load what a row of a list shows, and no more."""
        return self.select_related("user", "profile").defer("failures", "counts")


def _label_contains(word):
    return (
        Q(profile_label__icontains=word)
        | Q(job_type__icontains=word)
        | Q(job_type__in=registry.codes_with_label(word))
    )
