import datetime
import json
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akeneo_jobs.io import model_rows, upsert
from akeneo_jobs.io.statements import Writer
from example_project.catalog.models import Product
from tests.models import Gadget, Label, Letter, Maker, Parcel, Photo, PlainLetter, Postcard

pytestmark = pytest.mark.django_db
is_postgresql = connection.vendor == "postgresql"
FIELDS = [field.name for field in Gadget._meta.fields if field.name not in ("id", "token")]
LONG_AGO = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)


class Context:
    """Keeps what a step would show."""

    def __init__(self, is_dry_run=False):
        self.is_dry_run = is_dry_run
        self.counts = {}
        self.previews = []

    def count(self, name, by=1):
        self.counts[name] = self.counts.get(name, 0) + by

    def preview(self, outcome, label, changes):
        self.previews.append((outcome, label, changes))


def gadget(code, **values):
    return {"code": code, "stock": 1, **values}


@pytest.fixture(params=["fastest", "generic"])
def writer(request, monkeypatch):
    """Once with the database's own statements, once with those of any database."""
    if request.param == "generic":
        monkeypatch.setattr(model_rows, "writer_for", Writer)
    return request.param


@pytest.fixture
def stored(writer):
    return Gadget.objects.create(code="a", name="A", stock=3, price="12.50", values={"size": 1})


def test_created_updated_and_unchanged_items_are_told_apart(stored):
    result = upsert(Gadget, [gadget("b"), gadget("a"), {"code": "a", "stock": 1}], key="code")
    assert result.outcomes == ["created", "updated", "unchanged"]
    assert result.pks == [Gadget.objects.get(code="b").pk, stored.pk, stored.pk]
    assert result.counts == {"created": 1, "updated": 1, "unchanged": 1}


def test_fields_that_are_not_named_keep_their_values(stored):
    assert upsert(Gadget, [{"code": "a", "name": "Z"}], key="code").outcomes == ["updated"]
    kept = Gadget.objects.get()
    assert (kept.name, kept.stock, kept.price, kept.token) == ("Z", 3, 12.5, stored.token)


def test_a_new_row_gets_the_defaults_of_model_and_database(writer):
    upsert(Gadget, [gadget("a"), gadget("b", grade="gold")], key="code")
    first, second = Gadget.objects.order_by("code")
    assert (first.enabled, first.values, first.grade, second.grade) == (True, {}, "plain", "gold")
    assert first.token != second.token


def test_values_are_compared_as_the_field_understands_them(stored):
    same = {"code": "a", "price": "12.5", "enabled": "1", "stock": "3", "values": {"size": 1}}
    assert upsert(Gadget, [same], key="code").outcomes == ["unchanged"]


@pytest.mark.parametrize("value", [{"size": True}, {"size": "1"}, {"size": [1]}, None, []])
def test_other_json_is_a_change_even_where_python_holds_it_for_equal(stored, value):
    item = {"code": "a", "values": value}
    assert upsert(Gadget, [item, item], key="code").outcomes == ["updated", "unchanged"]
    assert json.dumps(Gadget.objects.get().values) == json.dumps(value)


def test_the_same_json_in_another_order_is_no_change(stored):
    Gadget.objects.update(values={"a": 1, "b": [1, 2]})
    item = {"code": "a", "values": {"b": (1, 2), "a": 1}}
    assert upsert(Gadget, [item], key="code").outcomes == ["unchanged"]


def test_a_key_that_comes_again_updates_what_it_created(writer):
    items = [gadget("a", name="1"), gadget("a", name="2"), gadget("b"), gadget("a", name="2")]
    result = upsert(Gadget, items, key="code")
    assert result.outcomes == ["created", "updated", "created", "unchanged"]
    assert Gadget.objects.get(code="a").name == "2"


def test_an_unchanged_row_is_not_written(stored):
    with CaptureQueriesContext(connection) as queries:
        upsert(Gadget, [{"code": "a", "stock": 3}], key="code")
    assert not [each for each in queries if each["sql"].startswith(("INSERT", "UPDATE"))]
    assert Gadget.objects.get().changed_at == stored.changed_at


def test_each_real_write_moves_the_moment_of_change_only(stored):
    Gadget.objects.update(created_at=LONG_AGO, changed_at=LONG_AGO)
    upsert(Gadget, [{"code": "a", "stock": 4}, gadget("b")], key="code")
    changed, created = Gadget.objects.order_by("code")
    assert changed.created_at == LONG_AGO
    assert min(changed.changed_at, created.created_at, created.changed_at) > LONG_AGO


def test_no_save_is_called_and_no_signal_is_sent(stored, monkeypatch):
    heard = []
    monkeypatch.setattr(Gadget, "save", lambda self, **options: heard.append(self))
    for signal in (models.signals.pre_save, models.signals.post_save):
        signal.connect(lambda **told: heard.append(told), Gadget, weak=False, dispatch_uid="heard")
    upsert(Gadget, [{"code": "a", "stock": 4}, gadget("b")], key="code")
    for signal in (models.signals.pre_save, models.signals.post_save):
        signal.disconnect(sender=Gadget, dispatch_uid="heard")
    assert heard == []


def test_a_moment_without_a_time_zone_is_of_the_default_one(stored):
    Gadget.objects.update(sold_at=LONG_AGO)
    with pytest.warns(RuntimeWarning, match="naive"):
        result = upsert(Gadget, [{"code": "a", "sold_at": "2001-01-01 00:00"}], key="code")
    assert result.outcomes == ["unchanged"]


def test_a_field_that_fills_itself_is_asked_as_by_save(writer):
    upsert(Letter, [{"number": "1", "text": "x"}, {"number": 2}], key="number")
    result = upsert(Letter, [{"number": 1, "text": "y"}, {"number": 2}], key="pk")
    assert result.outcomes == ["updated", "unchanged"]
    assert result.pks == [1, 2]
    assert list(Letter.objects.order_by("pk").values_list("seal", flat=True)) == [
        "old y",
        "new empty",
    ]


def test_columns_of_other_kinds_are_written_and_compared(writer):
    parcel = {
        "code": "a",
        "weight": float("inf"),
        "way": datetime.timedelta(days=-1, microseconds=3),
        "sender": "::1",
        "sent_on": datetime.date(2001, 1, 1),
        "sent_at": datetime.time(1, 2, 3),
    }
    items = [parcel, {"code": "b"}, {"code": "b", **dict.fromkeys(list(parcel)[1:])}]
    assert upsert(Parcel, items, key="code").outcomes == ["created", "created", "unchanged"]
    assert upsert(Parcel, items, key="code").counts["unchanged"] == 3
    assert Parcel.objects.filter(code="a").values(*parcel).get() == parcel


def test_a_column_that_no_array_can_hold_is_written_with_its_row(writer):
    upsert(Photo, [{"code": "a", "data": b"\0"}, {"code": "b"}], key="code")
    result = upsert(Photo, [{"code": each, "data": b"\1"} for each in "abc"], key="code")
    assert result.outcomes == ["updated", "updated", "created"]
    assert {(bytes(each.data), each.size) for each in Photo.objects.all()} == {(b"\1", 7)}


def test_an_expression_is_left_to_the_database(writer):
    null = Value(None, models.JSONField())
    assert upsert(Gadget, [gadget("a", values=null)], key="code").outcomes == ["created"]
    assert Gadget.objects.filter(values__isnull=False).get().values is None


def test_a_key_of_several_fields_finds_the_row(stored):
    other = Gadget.objects.create(code="b", stock=1)
    items = [
        {"gadget": each, "locale": locale, "text": locale}
        for each in (stored, other)
        for locale in ("en", "fr", "de")
    ]
    upsert(Label, items[:4], key=("gadget", "locale"))
    items[0]["text"] = "new"
    result = upsert(Label, items, key=("gadget_id", "locale"))
    assert result.outcomes == ["updated", *["unchanged"] * 3, "created", "created"]
    assert Label.objects.count() == 6


def test_many_keys_of_several_fields_that_share_no_part_are_found(writer):
    gadgets = [Gadget(code=str(number), stock=1) for number in range(1100)]
    Gadget.objects.bulk_create(gadgets)
    items = [{"gadget": each, "locale": each.code, "text": "x"} for each in gadgets]
    upsert(Label, items, key=("gadget", "locale"))
    assert upsert(Label, items, key=("gadget", "locale")).counts["unchanged"] == 1100


def test_a_related_row_or_its_key_may_be_given(stored):
    maker = Maker.objects.create(name="M")
    items = [{"code": "a", "maker": maker}, {"code": "a", "maker_id": str(maker.pk)}]
    assert upsert(Gadget, items, key="code").outcomes == ["updated", "unchanged"]


def test_unsaved_instances_give_all_their_fields(stored):
    token = stored.token
    items = [Gadget(code=code, name="I", stock=1, token=token) for code in "a"]
    result = upsert(Gadget, [*items, Gadget(code="b", stock=2)], key="code")
    assert result.outcomes == ["updated", "created"]
    changed, created = Gadget.objects.order_by("code")
    assert (changed.name, changed.price, created.grade) == ("I", None, "plain")


def test_a_context_counts_what_happened(stored):
    context = Context()
    upsert(Gadget, [gadget("a"), gadget("b"), gadget("c")], key="code", context=context)
    assert context.counts == {"created": 2, "updated": 1}
    assert context.previews == []


def test_a_dry_run_shows_each_change(stored):
    context = Context(is_dry_run=True)
    items = [{"code": "b", "stock": 1}, {"code": "a", "name": "A", "price": 13}, {"code": "a"}]
    upsert(Gadget, items, key="code", context=context)
    assert context.previews == [
        ("created", "b", {"code": (None, "b"), "stock": (None, 1)}),
        ("updated", "a", {"price": (Decimal("12.50"), 13)}),
    ]


@pytest.mark.parametrize("key", ["name", "missing", ("code", "name"), "maker__name"])
def test_a_key_that_is_not_unique_is_refused(key):
    with pytest.raises(TypeError):
        upsert(Gadget, [], key=key)


@pytest.mark.parametrize(
    "item", [{"stock": 1}, {"code": "a", "none": 1}, {"code": "a", "id": 5}, Product(sku="1")]
)
def test_an_item_that_cannot_be_written_at_all_is_refused(item):
    with pytest.raises(TypeError):
        upsert(Gadget, [item], key="code")


def test_a_field_that_is_no_column_is_refused():
    with pytest.raises(TypeError):
        upsert(Product, [{"sku": "1", "categories": []}], key="sku")


def test_a_model_in_two_tables_is_refused_a_proxy_is_not(writer):
    with pytest.raises(TypeError):
        upsert(Postcard, [], key="number")
    assert upsert(PlainLetter, [{"number": 1}], key="number").outcomes == ["created"]


def test_an_empty_key_is_refused(writer):
    with pytest.raises(ValueError, match="The key is empty"):
        upsert(Gadget, [gadget(None)], key="code")


def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_field(writer):
    with pytest.raises(ValidationError) as refused:
        upsert(Gadget, [gadget("a", price="cheap")], key="code")
    assert list(refused.value.message_dict) == ["price"]


@pytest.mark.parametrize("fault", [{"stock": -1}, {"name": None}])
def test_what_the_database_refuses_leaves_nothing_behind(stored, fault):
    with pytest.raises(IntegrityError):
        upsert(Gadget, [gadget("b"), gadget("a", **fault)], key="code")
    assert Gadget.objects.get().stock == 3  # The transaction around goes on.


@pytest.mark.skipif(not is_postgresql, reason="SQLite knows no length.")
def test_a_text_that_is_too_long_is_refused_not_cut():
    Gadget.objects.create(code="a", stock=3)
    with pytest.raises(DataError), transaction.atomic():
        upsert(Gadget, [gadget("a", name="x" * 21), gadget("b")], key="code")


def test_no_items_are_no_work(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(2):  # The savepoint's.
        assert upsert(Gadget, [], key="code").counts["created"] == 0


def test_the_number_of_queries_does_not_grow_with_the_items(writer, django_assert_num_queries):
    for number in (4, 40):
        codes = [f"{number}-{each}" for each in range(number)]
        upsert(Gadget, [gadget(code) for code in codes[::2]], key="code")
        changed = [gadget(code, name="x") for code in codes]
        with CaptureQueriesContext(connection) as queries:
            assert upsert(Gadget, changed, key="code").counts["updated"] == number // 2
        statements = [q for q in queries if "SAVEPOINT" not in q["sql"]]
        assert len(statements) == 3


@pytest.fixture
def rival(monkeypatch):
    """Somebody who inserts the row "a" just after it was looked for."""
    read = model_rows.ModelRows.read

    def read_too_early(self, keys):
        found = read(self, keys)
        Gadget.objects.create(code="a", name="theirs", stock=9)
        return found

    monkeypatch.setattr(model_rows.ModelRows, "read", read_too_early)


def test_a_row_that_somebody_inserts_meanwhile_is_updated(writer, rival):
    result = upsert(Gadget, [{"code": "a", "stock": 5}, gadget("b")], key="code")
    kept = Gadget.objects.get(code="a")
    assert (result.pks[0], kept.name, kept.stock) == (kept.pk, "theirs", 5)
    if is_postgresql and writer == "fastest":
        assert result.outcomes == ["updated", "created"]


@pytest.mark.skipif(not is_postgresql, reason="Needs row locks.")
@pytest.mark.django_db(transaction=True)
def test_two_at_once_lose_nothing(writer):
    """Each raises the stock of what it has read; both count."""
    Gadget.objects.create(code="a", stock=0, values={})
    barrier = threading.Barrier(2)

    def write(name):
        try:
            barrier.wait()
            for number in range(30):
                item = {"code": "a", name: number}
                upsert(Gadget, [item, {"code": f"new {number}", "stock": 1}], key="code")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[name]) for name in ("stock", "price")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Gadget.objects.get(code="a")
    assert (kept.stock, kept.price, Gadget.objects.count()) == (29, 29, 31)


def test_the_row_of_somebody_else_keeps_what_the_item_did_not_name(writer, rival):
    upsert(Gadget, [gadget("a"), gadget("b", name="ours")], key="code")
    assert Gadget.objects.get(code="a").name == "theirs"


def test_primary_keys_are_read_where_the_database_does_not_tell_them(monkeypatch):
    monkeypatch.setattr(model_rows, "writer_for", Writer)
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    result = upsert(Gadget, [gadget("b"), gadget("a")], key="code")
    assert result.pks == [Gadget.objects.get(code=code).pk for code in "ba"]


def one_by_one(items):
    """The slow and plain way that an upsert must equal."""
    outcomes = []
    for item in items:
        stored = Gadget.objects.filter(code=item["code"]).first()
        target = stored or Gadget(code=item["code"])
        before = {name: getattr(target, name) for name in item}
        for name, value in item.items():
            setattr(target, name, Gadget._meta.get_field(name).to_python(value))
        differs = any(not same(before[name], getattr(target, name)) for name in item)
        if stored is None or differs:
            target.save()
        outcomes.append("created" if stored is None else "updated" if differs else "unchanged")
    return outcomes


def same(one, other):
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other and (one is None) == (other is None)


def tables():
    return list(Gadget.objects.order_by("code").values(*FIELDS))


def undone(work):
    """Return what the work returned and the table it left, and take it back."""
    with transaction.atomic():
        outcomes = work()
        rows = tables()
        transaction.set_rollback(True)
    return outcomes, json.dumps(rows, sort_keys=True, default=repr)  # The order in JSON is free.


SCALARS = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([1.0, 0.5, "1", ""])
JSON = st.dictionaries(st.sampled_from("ab"), SCALARS | st.lists(SCALARS, max_size=2), max_size=2)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from("abcde"), "stock": st.integers(0, 2) | st.sampled_from("01")},
        optional={
            "name": st.sampled_from(["", "x", "é'\\"]),
            "price": st.sampled_from([None, "1", "1.50", Decimal("1.5"), 1, "0.005", "0.01"]),
            "enabled": st.sampled_from([True, False, "1", "0", 0]),
            "values": JSON,
            "grade": st.sampled_from(["plain", "gold"]),
            "sold_at": st.sampled_from([None, LONG_AGO, LONG_AGO.isoformat()]),
            "created_at": st.just(LONG_AGO),
        },
    ),
    max_size=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=ITEMS, items=ITEMS)
def test_an_upsert_equals_one_by_one(writer, before, items):
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: LONG_AGO)
        one_by_one(before)
        patch.setattr(timezone, "now", lambda: LONG_AGO + datetime.timedelta(days=1))
        plain = undone(lambda: one_by_one(items))
        assert undone(lambda: upsert(Gadget, items, key="code").outcomes) == plain
        transaction.set_rollback(True)


def test_what_changes_beside_a_row_makes_its_item_updated():
    for code in ("same", "other"):
        Gadget.objects.create(**gadget(code))
    context = Context(is_dry_run=True)
    items = [{"code": "same", "stock": 1}, {"code": "other"}, {"code": "new", "stock": 2}]
    labels = {1: {"labels": ("", "red")}, 2: {"labels": ("", "blue")}}
    result = upsert(Gadget, items, key="code", context=context, related=labels)
    assert result.outcomes == ["unchanged", "updated", "created"]
    assert context.counts == {"created": 1, "updated": 1, "unchanged": 1}
    (_, _, other), (_, _, new) = context.previews
    assert (other, new["labels"]) == ({"labels": ("", "red")}, ("", "blue"))
