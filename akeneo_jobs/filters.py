"""One FilterSet of executions, for the process tracker and the API alike."""

from datetime import UTC, datetime

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Case, CharField, F, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _

from akeneo_jobs import registry
from akeneo_jobs.models import JobExecution
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.statuses import Level, Status

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # What has not started is newer than what has.


def _label():
    """Say in SQL what `JobExecution.label` says, in the reader's language."""
    labels = [
        When(job_type=job_type.code, then=Value(str(job_type.label)))
        for job_type in registry.all_job_types()
    ]
    of_type = Case(*labels, default=F("job_type"), output_field=CharField())
    return Lower(Coalesce(NullIf("profile_label", Value("")), of_type))


def _issue_count():
    """Say in SQL what `JobExecution.issue_count` says."""
    unexplained = When(status=Status.FAILED, warning_count=0, error_count=0, then=Value(1))
    counted = F("warning_count") + F("error_count")
    return Case(unexplained, default=counted, output_field=BigIntegerField())


# What can be sorted by; none of them is ever NULL, so that pages neither lose nor repeat rows.
ORDERINGS = {
    "label": _label,
    "issue_count": _issue_count,
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
SEARCH_LENGTH = 255  # characters


def ordering_choices():
    return [(sign + name, sign + name) for name in ORDERINGS for sign in ("", "-")]


class MomentField(django_filters.fields.IsoDateTimeField):
    """A date and time that any database can hold: in UTC, for PostgreSQL takes no large offset."""

    def clean(self, value):
        moment = super().clean(value)
        try:
            moment = moment and moment.astimezone(UTC)
            is_possible = moment is None or 1 < moment.year < NEVER.year
        except OverflowError:
            is_possible = False
        if not is_possible:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        return moment


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class OpenChoiceField(django_filters.fields.MultipleChoiceField):
    """Offers some choices and takes any text."""

    def valid_value(self, value):
        return "\0" not in value


class OpenChoiceFilter(django_filters.MultipleChoiceFilter):
    field_class = OpenChoiceField


class JobExecutionFilterSet(django_filters.FilterSet):
    """Filters over executions that the user may list; choices tell of no others."""

    search = django_filters.CharFilter(
        method="filter_search", max_length=SEARCH_LENGTH, label=_("Search by job name")
    )
    status = django_filters.MultipleChoiceFilter(choices=Status.choices, label=_("Status"))
    level = django_filters.MultipleChoiceFilter(
        choices=Level.choices, method="filter_level", label=_("Result")
    )
    kind = OpenChoiceFilter(method="filter_kind", label=_("Type"))
    job_type = django_filters.CharFilter(field_name="job_type", label=_("Job type"))
    profile = django_filters.CharFilter(field_name="profile__code", label=_("Profile"))
    user = django_filters.CharFilter(
        field_name=f"user__{get_user_model().USERNAME_FIELD}", label=_("Launched by")
    )
    created_after = MomentFilter(
        field_name="created_at", lookup_expr="gte", label=_("Created after")
    )
    created_before = MomentFilter(
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
        return queryset.with_level(*set(values))

    def filter_kind(self, queryset, name, values):
        return queryset.filter(kind__in=values) if values else queryset

    def filter_ordering(self, queryset, name, value):
        """Sort by one key, then by age, then by the public identifier: a total order."""
        sign, key = ("-", value[1:]) if value.startswith("-") else ("", value)
        sort_key = ORDERINGS[key]
        queryset = queryset.annotate(sort_key=sort_key() if callable(sort_key) else sort_key)
        return queryset.order_by(f"{sign}sort_key", f"{sign}created_at", f"{sign}uuid")

    def _kind_choices(self):
        if self.queryset is None:
            return []
        kinds = self.queryset.order_by().values_list("kind", flat=True).distinct()
        return sorted(((kind, registry.kind_label(kind)) for kind in kinds), key=lambda c: c[1])
