"""Which values a field takes as they are: conversions that change nothing are most of the work."""

import datetime
import uuid
from functools import cache

from django.db import models

CONVERSIONS = ("to_python", "get_prep_value", "get_db_prep_value", "get_db_prep_save")

KEPT = {
    models.AutoField: int,
    models.BooleanField: bool,
    models.CharField: str,
    models.DateField: datetime.date,
    models.IntegerField: int,
    models.JSONField: dict,
    models.TextField: str,
    models.UUIDField: uuid.UUID,
}

KINDS = (*KEPT, models.DecimalField, models.ForeignKey)


def kept_type(field, kept=KEPT):
    """Return the type of the values that a field leaves alone; None where it may change any."""
    kind = kind_of(type(field))
    return kept_type(field.target_field, kept) if kind is models.ForeignKey else kept.get(kind)


@cache
def kind_of(field_class):
    """Return the class of Django whose ways to convert values this one has; None for others."""
    return next((kind for kind in KINDS if _ways(field_class) == _ways(kind)), None)


def _ways(field_class):
    return [getattr(field_class, name) for name in CONVERSIONS]
