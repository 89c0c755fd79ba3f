"""Rows of a model by a natural key: cleaned, read under a lock, compared, written in bulk."""

import operator
from types import SimpleNamespace

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connections, models
from django.db.models.expressions import DatabaseDefault
from django.utils.translation import gettext as _

from akeneo_jobs.io.arrays import json_encoder
from akeneo_jobs.io.kept_types import kept_type
from akeneo_jobs.io.statements import keys_among, writer_for

PLAIN_PRE_SAVES = {  # They need no instance of the model.
    kind.pre_save
    for kind in (models.Field, models.DateField, models.DateTimeField, models.TimeField)
}

MOMENTS = ("auto_now", "auto_now_add")


class ModelRows:
    """The rows of a model on one database, found by the fields of a key.

    A row is a dict of attname → value; what was read of one is the tuple (pk, *its columns).
    """

    def __init__(self, model, key, using):
        self.model = model
        self.using = using
        self.fields = [field for field in model._meta.concrete_fields if not field.generated]
        self.attnames = [field.attname for field in self.fields]
        self.names = {field.attname: field.name for field in self.fields}
        own = model._meta.concrete_model
        if any(field.model._meta.concrete_model is not own for field in self.fields):
            raise TypeError(f"{model.__name__} has columns in several tables")
        self.key = _key_fields(model, (key,) if isinstance(key, str) else tuple(key))
        self.key_of = _key_getter([field.attname for field in self.key])
        self._writer = writer_for(model, using)
        self._restless = [f for f in self.fields if type(f).pre_save is not models.Field.pre_save]
        self._takes_instances = self._writer.takes_instances or any(
            type(field).pre_save not in PLAIN_PRE_SAVES for field in self._restless
        )
        self._given_by_instances = [f for f in self.fields if f in self.key or not _fills_itself(f)]
        self._places = {attname: place for place, attname in enumerate(self.attnames, start=1)}
        self._differs = {field.attname: _comparison(field) for field in self.fields}
        self._shapes = {}  # Names given → (name, attname, type that is clean, what cleans) of each.

    def clean(self, item):
        """Return an item as a row with values of the fields' own types."""
        if isinstance(item, models.Model):
            item = self._values(item)
        names = tuple(item)
        shape = self._shapes.get(names) or self._shape(names)
        try:
            row = {
                attname: value if type(value := item[name]) is kept else clean(value)
                for name, attname, kept, clean in shape
            }
        except ValidationError:
            raise _named_error(item, shape) from None
        if None in self.key_of(row):
            raise ValueError(_("The key is empty."))
        return row

    def read(self, keys):
        """Lock the rows that have these keys; return key → (pk, *columns)."""
        features = connections[self.using].features
        no_key = features.has_select_for_no_key_update
        rows = self.model._base_manager.using(self.using).select_for_update(no_key=no_key)
        rows = rows.order_by("pk")  # Two that lock in one order never wait for each other.
        place_of = _key_getter([self._places[field.attname] for field in self.key])
        found = {}
        for condition in keys_among(self.key, list(keys), rows.db):
            for row in rows.filter(condition).values_list("pk", *self.attnames):
                found[place_of(row)] = row
        return found

    def differing(self, current, row):
        """Return the attnames, a set, whose value in a row is not the one that was read."""
        differs, places = self._differs, self._places
        return {name for name, new in row.items() if differs[name](current[places[name]], new)}

    def old_value(self, current, attname):
        """Return a value that was read; None where nothing was."""
        return None if current is None else current[self._places[attname]]

    def merge(self, current, row):
        """Return what was read as a row, overridden by a row."""
        return dict(zip(self.attnames, current[1:], strict=True)) | row

    def insert(self, rows):
        """Insert rows of the same fields; return (pk, whether it was created) of each.

        One that somebody else has inserted meanwhile is updated.
        """
        given = set(rows[0])
        left_out = {f.attname for f in self.fields if isinstance(f, models.AutoField)} - given
        fields = [field for field in self.fields if field.attname not in left_out]
        unset = [field for field in fields if field.attname not in given]
        objects = [self._new(row, unset) for row in rows]
        for field in self._restless if self._writer.expects_pre_save else ():
            for target in objects:
                setattr(target, field.attname, field.pre_save(target, True))
        given.update(f.attname for f in self._restless if getattr(f, "auto_now", False))
        free = [f for f in fields if f.attname in given and f not in self.key]
        return self._writer.insert(objects, fields, self.key, free)

    def update(self, rows, attnames):
        """Write these columns of whole rows that are locked, and those that each save writes."""
        objects = [self._existing(row) for row in rows]
        attnames = set(attnames)
        for field in self._restless:
            name = field.attname
            for target, row in zip(objects, rows, strict=True):
                setattr(target, name, field.pre_save(target, False))
                if self._differs[name](row[name], getattr(target, name)):
                    attnames.add(name)
        fields = [field for field in self.fields if field.attname in attnames]
        self._writer.update(objects, self.fields, fields)

    def _new(self, row, unset):
        row = row | {field.attname: field.get_default() for field in unset}
        return self.model(**row) if self._takes_instances else SimpleNamespace(**row)

    def _existing(self, row):
        if not self._takes_instances:
            return SimpleNamespace(**row)
        return self.model.from_db(self.using, self.attnames, [row[name] for name in self.attnames])

    def _values(self, instance):
        """Return what an instance gives: all that is not filled in by itself."""
        if not isinstance(instance, self.model):
            raise TypeError(f"{instance!r} is no {self.model.__name__}")
        return {
            field.attname: value
            for field in self._given_by_instances
            if not isinstance(value := getattr(instance, field.attname), DatabaseDefault)
        }

    def _shape(self, names):
        shape = [self._part(name) for name in names]
        attnames = [attname for _name, attname, _kept, _clean in shape]
        missing = [f.name for f in self.key if f.attname not in attnames]
        if missing or len(set(attnames)) < len(attnames):
            raise TypeError(f"Each item needs its key, and no field twice: {', '.join(names)}")
        self._shapes[names] = shape
        return shape

    def _part(self, name):
        field = _column(self.model, name)
        if field not in self.fields or (field.primary_key and field not in self.key):
            raise TypeError(f"{self.model.__name__}.{name} cannot be written")
        return name, field.attname, kept_type(field), _cleaner(field)


def _column(model, name):
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise TypeError(str(error)) from None
    if not getattr(field, "column", None):
        raise TypeError(f"{model.__name__}.{name} is no column")
    return field


def _fills_itself(field):
    return field.primary_key or any(getattr(field, name, False) for name in MOMENTS)


def _key_fields(model, names):
    """Return the fields of a key; refuse one that the database does not hold unique."""
    fields = [_column(model, name) for name in names]
    wanted = {field.name for field in fields}
    constraints = [set(c.fields) for c in model._meta.total_unique_constraints]
    together = [set(each) for each in model._meta.unique_together]
    if not (len(fields) == 1 and fields[0].unique) and wanted not in constraints + together:
        raise TypeError(f"{model.__name__} is not unique by {', '.join(names)}")
    return fields


def _key_getter(places):
    if len(places) > 1:
        return operator.itemgetter(*places)
    (place,) = places
    return lambda row: (row[place],)


def _cleaner(field):
    """Return what turns a given value into the one that a row read later would have."""
    if isinstance(field, models.DateTimeField):
        return field.get_prep_value  # Gives a time zone to what has none.
    if not field.is_relation:
        return field.to_python

    def clean(value):
        if isinstance(value, models.Model):
            value = getattr(value, field.target_field.attname)
        return field.to_python(value)

    return clean


def _named_error(item, shape):
    """Return the first value's error with the name of its field."""
    for name, _attname, _kept, clean in shape:
        try:
            clean(item[name])
        except ValidationError as error:
            return ValidationError({name: error.error_list})
    raise AssertionError("unreachable")


def _comparison(field):
    """Return what says whether an old and a new value differ."""
    if not isinstance(field, models.JSONField):
        return operator.ne
    encode = json_encoder(field, sort_keys=True)

    def differ(old, new):
        if old is None or new is None:
            return old is not new
        if _is_flat(old) and _is_flat(new):
            return old != new
        try:
            return encode(old) != encode(new)  # Python holds True, 1 and 1.0 for equal.
        except TypeError:  # Keys of several types cannot be sorted.
            return True

    return differ


def _is_flat(value):
    """Say whether a value is a dict of texts, which Python compares as JSON does."""
    return type(value) is dict and {*map(type, value), *map(type, value.values())} <= {str}
