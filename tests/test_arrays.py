import datetime

import pytest
from django.db import connection, models
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_jobs.io.arrays import array_of, element_type
from akeneo_jobs.io.kept_types import kept_type
from tests.models import Gadget, SealField

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL has arrays."),
]

TEXTS = st.sampled_from(["", "null", "NULL", '"', "\\", "{a,b}", " a ", "'", "%s", "\n"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | TEXTS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
MOMENTS = {"min_value": datetime.datetime(1, 1, 2), "max_value": datetime.datetime(9999, 12, 30)}
COLUMNS = {
    models.BigIntegerField(): st.integers(-(2**63), 2**63 - 1),
    models.BooleanField(): st.booleans(),
    models.CharField(max_length=3): TEXTS,
    models.DateField(): st.dates(),
    models.DateTimeField(): st.datetimes(**MOMENTS, timezones=st.timezones()),
    models.DecimalField(max_digits=20, decimal_places=5): st.decimals(-(10**14), 10**14, places=7),
    models.DurationField(): st.timedeltas(datetime.timedelta(-9999), datetime.timedelta(9999)),
    models.FloatField(): st.floats(allow_nan=False),
    models.GenericIPAddressField(): st.ip_addresses().map(str),
    models.JSONField(): JSON,
    models.TextField(): TEXTS,
    models.TimeField(): st.times(),
    models.UUIDField(): st.uuids(),
}


def stored(field, parameter):
    kind = element_type(field, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%s::{kind}[])", [parameter])
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.parametrize("field", COLUMNS, ids=lambda field: type(field).__name__)
def test_an_array_holds_what_the_driver_would_write(field):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.none() | COLUMNS[field], max_size=6))
    def check(values):
        by_driver = [field.get_db_prep_save(value, connection) for value in values]
        assert stored(field, array_of(field, values, connection)) == stored(field, by_driver)

    check()


def test_only_plain_values_are_written_by_their_texts():
    field = models.CharField(max_length=9)
    assert array_of(field, ["a", None, 'b"'], connection) == '{"a",NULL,"b\\""}'
    assert array_of(field, ["a", 1], connection) == '{"a","1"}'
    day = datetime.timedelta(days=1)
    assert array_of(models.DurationField(), [day, None], connection) == [day, None]


class ReversedField(models.CharField):
    def get_prep_value(self, value):
        return value[::-1]


def test_a_field_that_converts_is_asked():
    assert array_of(ReversedField(), ["ab"], connection) == '{"ba"}'


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (models.SlugField(), str),
        (SealField(), str),
        (models.PositiveSmallIntegerField(), int),
        (models.DateTimeField(), None),
        (Gadget._meta.get_field("maker"), int),
        (ReversedField(), None),
    ],
)
def test_a_field_leaves_values_of_its_own_type_alone(field, kind):
    assert kept_type(field) is kind
