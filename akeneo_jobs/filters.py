"""One FilterSet of executions, for the process tracker and the API alike."""

from datetime import UTC, datetime

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import registry
from akeneo_jobs.models import JobExecution
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.statuses import Level, Status

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # What has not started is newer than what has.

# What can be sorted by; none of them is ever NULL, so that pages neither lose nor repeat rows.
ORDERINGS = {
    "created_at": F("created_at"),
    "started_at": Coalesce("started_at", Value(NEVER)),
    "ended_at": Coalesce("ended_at", Value(NEVER)),
    "job_type": F("job_type"),
    "kind": F("kind"),
    "status": F("status"),
    "user": Coalesce(f"user__{get_user_model().USERNAME_FIELD}", Value("")),
    "warning_count": F("warning_count"),
}
DEFAULT_ORDERING = "-created_at"


def ordering_choices():
    return [(sign + name, sign + name) for name in ORDERINGS for sign in ("", "-")]


class JobExecutionFilterSet(django_filters.FilterSet):
    """Filters over executions that the user may list; choices tell of no others."""

    search = django_filters.CharFilter(method="filter_search", label=_("Search by job name"))
    status = django_filters.MultipleChoiceFilter(choices=Status.choices, label=_("Status"))
    level = django_filters.MultipleChoiceFilter(
        choices=Level.choices, method="filter_level", label=_("Result")
    )
    kind = django_filters.MultipleChoiceFilter(label=_("Type"))
    job_type = django_filters.CharFilter(field_name="job_type", label=_("Job type"))
    profile = django_filters.CharFilter(field_name="profile__code", label=_("Profile"))
    user = django_filters.CharFilter(
        field_name=f"user__{get_user_model().USERNAME_FIELD}", label=_("Launched by")
    )
    created_after = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", label=_("Created after")
    )
    created_before = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="lt", label=_("Created before")
    )
    ordering = django_filters.ChoiceFilter(
        choices=ordering_choices, method="filter_ordering", label=_("Sort by")
    )

    class Meta:
        model = JobExecution
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = self._kind_choices()
        if self.request and not get_policy().can_list_all(self.request.user):
            self.filters["user"].extra["widget"] = forms.HiddenInput

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        if "sort_key" not in queryset.query.annotations:
            queryset = self.filter_ordering(queryset, "ordering", DEFAULT_ORDERING)
        return queryset

    def filter_search(self, queryset, name, value):
        return queryset.search(value)

    def filter_level(self, queryset, name, values):
        return queryset.with_level(*values)

    def filter_ordering(self, queryset, name, value):
        """Sort by one key, then by the primary key, which makes the order total."""
        sign, key = ("-", value[1:]) if value.startswith("-") else ("", value)
        queryset = queryset.annotate(sort_key=ORDERINGS[key])
        return queryset.order_by(f"{sign}sort_key", f"{sign}pk")

    def _kind_choices(self):
        if self.queryset is None:
            return []
        kinds = self.queryset.order_by().values_list("kind", flat=True).distinct()
        return sorted(((kind, registry.kind_label(kind)) for kind in kinds), key=lambda c: c[1])
