"""The statements of a bulk upsert: Django's own, and faster ones for PostgreSQL."""

from collections import defaultdict
from operator import attrgetter

from django.db import connections
from django.db.models import F, Q
from django.db.models.constants import OnConflict
from django.db.models.expressions import DatabaseDefault
from django.db.models.lookups import In
from django.db.models.sql import InsertQuery

from akeneo_jobs.io.arrays import array_of, element_type, types_of

MANY = 500  # Keys of several fields in one query: SQLite takes less than 1,000 ORs.


def writer_for(model, using):
    """Return what writes rows of a model in the fastest way that its database has."""
    is_postgresql = connections[using].vendor == "postgresql"
    return PostgresWriter(model, using) if is_postgresql else Writer(model, using)


class Writer:
    """Insert and update with Django's bulk operations."""

    takes_instances = True
    expects_pre_save = False  # `bulk_create` calls it.

    def __init__(self, model, using):
        self.model = model
        self.rows = model._base_manager.using(using)

    def insert(self, objects, fields, key, free):
        """Insert instances; return (pk, whether it was created) of each.

        Where a key exists by now, its `free` fields are updated.
        """
        conflicts = {}
        features = connections[self.rows.db].features
        updated = [field.name for field in free or key if not field.primary_key]
        if updated and features.supports_update_conflicts:
            conflicts = {"update_conflicts": True, "update_fields": updated}
            if features.supports_update_conflicts_with_target:
                conflicts["unique_fields"] = [field.name for field in key]
        self.rows.bulk_create(objects, **conflicts)
        return [(pk, True) for pk in self._pks(objects, key)]

    def update(self, objects, fields, changed):
        """Write the changed fields of instances that exist."""
        self.rows.bulk_update(objects, [field.name for field in changed])

    def _pks(self, objects, key):
        """Return the primary keys; read them where the database did not tell."""
        if all(each.pk is not None for each in objects):
            return [each.pk for each in objects]
        names = [field.attname for field in key]
        keys = [tuple(getattr(each, name) for name in names) for each in objects]
        pks = {}
        for condition in keys_among(key, keys, self.rows.db):
            for pk, *found in self.rows.filter(condition).values_list("pk", *names):
                pks[tuple(found)] = pk
        return [pks[each] for each in keys]


class PostgresWriter:
    """Insert … on conflict update, of objects that need not be instances.

    It saves the making of instances, its answer tells a row that was inserted from one that
    somebody else had inserted, and no text is cut: `bulk_update` casts each to its length here.
    The objects hold what `pre_save` gave.
    """

    takes_instances = False
    expects_pre_save = True

    def __init__(self, model, using):
        self.model = model
        self.connection = connections[using]

    def insert(self, objects, fields, key, free):
        """Insert objects; return (pk, whether it was created) of each.

        Where a key exists by now, its `free` fields are updated.
        """
        pk = self.model._meta.pk
        sql, params = self._statement(objects, fields, key, free or key[:1])
        # Only a new version of a row has a transaction that ended it: the one that locked it.
        sql += f" RETURNING {self._quote(pk.column)}, (xmax = 0)"
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = cursor.fetchall()
        compiler = InsertQuery(self.model).get_compiler(connection=self.connection)
        converters = compiler.get_converters([pk.get_col(self.model._meta.db_table)])
        return list(compiler.apply_converters(rows, converters)) if converters else rows

    def update(self, objects, fields, changed):
        """Write the changed fields of objects that hold all fields of rows that exist.

        Their primary keys do conflict, always: this is no insert, but the fastest update.
        """
        sql, params = self._statement(objects, fields, [self.model._meta.pk], changed)
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)

    def _statement(self, objects, fields, unique_fields, update_fields):
        """Return the statement and its parameters: an array per column where that can be."""
        columns = {field: list(map(attrgetter(field.attname), objects)) for field in fields}
        given = {
            f: values for f, values in columns.items() if types_of(values) != {DatabaseDefault}
        }
        if not all(self._fits_an_array(field, values) for field, values in given.items()):
            return self._rows_statement(objects, fields, unique_fields, update_fields)
        names = ", ".join(self._quote(field.column) for field in given)
        arrays = ", ".join(f"%s::{element_type(field, self.connection)}[]" for field in given)
        table = self._quote(self.model._meta.db_table)
        conflict = self.connection.ops.on_conflict_suffix_sql(
            list(given),
            OnConflict.UPDATE,
            [field.column for field in update_fields],
            [field.column for field in unique_fields],
        )
        params = [array_of(field, values, self.connection) for field, values in given.items()]
        return f"INSERT INTO {table} ({names}) SELECT * FROM UNNEST({arrays}) {conflict}", params

    def _fits_an_array(self, field, values):
        column = field.target_field if field.is_relation else field
        return (
            column.get_internal_type() in self.connection.data_types
            and not hasattr(field, "get_placeholder")
            and not hasattr(field, "get_placeholder_sql")
            and not any(hasattr(kind, "as_sql") for kind in types_of(values))
        )

    def _rows_statement(self, objects, fields, unique_fields, update_fields):
        query = InsertQuery(
            self.model,
            on_conflict=OnConflict.UPDATE,
            update_fields=update_fields,
            unique_fields=unique_fields,
        )
        query.insert_values(fields, objects, raw=True)
        ((sql, params),) = query.get_compiler(connection=self.connection).as_sql()
        return sql, params

    def _quote(self, name):
        return self.connection.ops.quote_name(name)


class Among(In):
    """One array instead of a parameter per key, which costs a third of the time."""

    def as_postgresql(self, compiler, connection):
        left, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        keys = array_of(field, self.rhs, connection)
        return f"{left} = ANY(%s::{element_type(field, connection)}[])", [*params, keys]


def keys_among(fields, keys, using):
    """Yield the conditions, one per query, that find the rows with these keys."""
    connection = connections[using]
    if len(fields) > 1:
        for some in _batches(keys, MANY):
            yield _any_of([field.attname for field in fields], some)
        return
    (field,) = fields
    values = [value for (value,) in keys]
    for some in _batches(values, connection.features.max_query_params or len(values)):
        yield Among(F(field.attname), some)


def _any_of(names, keys):
    """Join the keys that differ in one part only: the part that varies most."""
    columns = list(zip(*keys, strict=True))
    varied = max(range(len(names)), key=lambda place: len(set(columns[place])))
    groups = defaultdict(list)
    for key in keys:
        groups[key[:varied] + key[varied + 1 :]].append(key[varied])
    rest_names = names[:varied] + names[varied + 1 :]
    conditions = [
        Q(**dict(zip(rest_names, rest, strict=True)), **{f"{names[varied]}__in": values})
        for rest, values in groups.items()
    ]
    return Q(*conditions, _connector=Q.OR)


def _batches(values, size):
    return (values[start : start + size] for start in range(0, len(values), size))
