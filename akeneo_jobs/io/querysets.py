"""A queryset as a source that continues behind any of its items, and splits into slices."""

from functools import cached_property
from operator import attrgetter, itemgetter

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesIterable


def read_queryset(queryset, *, key="pk", chunk_size=2000):
    """Return the queryset as a source in the order of a unique key, `chunk_size` items a query.

    Each query begins behind the last key, so rows that come and go meanwhile neither repeat nor
    hide others. Raises `TypeError` for a queryset or key that cannot be read so.
    """
    _check(queryset)
    if chunk_size < 1:
        raise ValueError("chunk_size must be 1 or more")
    field = _unique_field(queryset.model, key)
    if not queryset.query.standard_ordering:
        queryset = queryset.reverse()  # Twice is forwards; order_by() would be backwards.
    return QuerysetSource(queryset.order_by(field.attname), field, chunk_size)


class QuerysetSource:
    """The rows of a queryset whose key is above `low` and not above `high`."""

    def __init__(self, queryset, field, chunk_size, low=None, high=None):
        self._queryset = queryset
        self._field = field
        self._chunk_size = chunk_size
        self._low = low
        self._high = high
        self._last = low
        self._key_of = _key_getter(queryset, field)

    def __len__(self):
        return self._count

    def __iter__(self):
        return self.after(None)

    @property
    def mark(self):
        """The key of the item yielded last, as a JSON value."""
        return _as_json(self._last)

    def after(self, mark):
        """Yield the items behind a mark; all of them where it is None."""
        last = self._last = self._low if mark is None else self._field.to_python(mark)
        is_full = True
        while is_full:
            items = list(self._rows(last)[: self._chunk_size])
            is_full = len(items) == self._chunk_size
            for item in items:
                last = self._last = self._key_of(item)  # Read before somebody changes the item.
                yield item

    def slices(self, count):
        """Return at most `count` values for `slice`: parts of about as many rows, as JSON."""
        parts = max(1, min(count, len(self)))
        ends = {len(self) * part // parts for part in range(1, parts)}
        numbered = self._queryset.model._base_manager.using(self._queryset.db).annotate(
            row_number=Window(RowNumber(), order_by=self._field.attname)
        )
        wanted = numbered.filter(pk__in=self._rows(self._low).order_by().values("pk"))
        ends = wanted.filter(row_number__in=ends).order_by(self._field.attname)
        inner = list(ends.values_list(self._field.attname, flat=True)) if parts > 1 else []
        bounds = [_as_json(bound) for bound in (self._low, *inner, self._high)]
        return [list(pair) for pair in zip(bounds, bounds[1:], strict=False)]

    def slice(self, value):
        """Return the source of one of the `slices`; of None, this one."""
        if value is None:
            return self
        low, high = (self._field.to_python(bound) for bound in value)
        return QuerysetSource(self._queryset, self._field, self._chunk_size, low, high)

    @cached_property
    def _count(self):
        return self._rows(self._low).count()

    def _rows(self, last):
        """Return the rows behind a key; the database compares, by its own collation."""
        name = self._field.attname
        rows = self._queryset.all()
        if last is not None:
            rows = rows.filter(**{f"{name}__gt": last})
        if self._high is not None:
            rows = rows.filter(**{f"{name}__lte": self._high})
        return rows


def _check(queryset):
    if not isinstance(queryset, QuerySet):
        raise TypeError(f"{queryset!r} is no queryset")
    query = queryset.query
    if query.is_sliced or query.combinator or query.distinct_fields:
        raise TypeError("A sliced or combined queryset, or one distinct on fields, cannot be read")


def _unique_field(model, key):
    try:
        field = model._meta.pk if key == "pk" else model._meta.get_field(key)
    except FieldDoesNotExist as error:
        raise TypeError(str(error)) from None
    if not getattr(field, "column", None) or not field.unique or field.null:
        raise TypeError(f"{model.__name__}.{key} is not a unique column without nulls")
    return field


def _key_getter(queryset, field):
    """Return what takes the key from an item; refuse items that do not hold it."""
    kind = queryset._iterable_class
    if issubclass(kind, ModelIterable):
        return attrgetter(field.attname)
    names = queryset._fields or [each.attname for each in queryset.model._meta.concrete_fields]
    own_names = {field.name, field.attname} | ({"pk"} if field.primary_key else set())
    place = next((place for place, name in enumerate(names) if name in own_names), None)
    if place is None:
        raise TypeError(f"The queryset must select its key, {field.attname}")
    if issubclass(kind, FlatValuesListIterable):
        return lambda item: item
    return itemgetter(names[place] if issubclass(kind, ValuesIterable) else place)


def _as_json(value):
    """Return a key as a JSON value that the field's `to_python` turns back."""
    return value if value is None or isinstance(value, int | float | str) else str(value)
