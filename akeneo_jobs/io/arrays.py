"""Columns of values as arrays of PostgreSQL: its driver writes a list value by value, slowly."""

import datetime
import json
import uuid
from decimal import Decimal

from django.db import models

from akeneo_jobs.io.kept_types import KEPT, kept_type, kind_of

SAVED = KEPT | {models.DecimalField: Decimal}  # What this database takes as it is.


def array_of(field, values, connection):
    """Return the values of a column as a parameter: an array's text, or a list for the driver."""
    if kind_of(type(field)) is models.JSONField:
        encode = json_encoder(field)
        return _literal(values, lambda value: _quoted(encode(value)))
    if not types_of(values) <= {kept_type(field, SAVED)}:
        values = [field.get_db_prep_save(value, connection) for value in values]
    texts = [TEXTS.get(kind) for kind in types_of(values)]
    if len(texts) > 1 or None in texts:
        return list(values)
    return _literal(values, *(texts or [str]))


def types_of(values):
    """Return the types of the values that are not None."""
    return set(map(type, values)) - {type(None)}


def element_type(field, connection):
    """Return the type of a column without its length: a cast to it would cut what is longer."""
    return field.db_type(connection).split("(")[0]


def json_encoder(field, **options):
    """Return what makes the text of a value of a JSON field."""
    return (field.encoder or json.JSONEncoder)(**options).encode


def _literal(values, text):
    if None in values:
        return "{" + ",".join("NULL" if v is None else text(v) for v in values) + "}"
    return "{" + ",".join(map(text, values)) + "}"


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TEXTS = {  # Of these types alone: a derived one may write itself in another way.
    bool: str,
    datetime.date: str,
    datetime.datetime: str,
    datetime.time: str,
    Decimal: str,
    float: repr,
    int: str,
    str: _quoted,
    uuid.UUID: str,
}
