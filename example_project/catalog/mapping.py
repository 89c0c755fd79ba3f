"""Which column of a file fills which field of a product."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from akeneo_jobs import JobFailed
from akeneo_jobs.io import require_columns

FIELDS = ("sku", "name", "family", "categories", "price", "enabled", "attributes")
ALIASES = {
    "attribute_set_code": "family",
    "product_online": "enabled",
    "additional_attributes": "attributes",
}
VALUE = "values."  # What precedes the name of a free attribute.
IGNORED = "-"


def parse_mapping(text):
    """Read lines of "column = field" into a dict; raise `ValidationError` on any other line."""
    mapping = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            column, equals, field = (part.strip() for part in line.rpartition("="))
            _check_line(number, column, field)
            mapping[column] = field
    return mapping


def targets(columns, mapping):
    """Return the field that each column fills; refuse a file where this is not clear."""
    require_columns(mapping, columns)
    filled = {column: target_of(column, mapping) for column in columns}
    fields = {}
    for column, field in filled.items():
        if field != IGNORED and field in fields:
            raise JobFailed(
                _("The columns “%(one)s” and “%(other)s” both fill %(field)s. Map one to “-”.")
                % {"one": fields[field], "other": column, "field": field}
            )
        fields[field] = column
    require_columns(["sku"], fields, found=columns, hint=_("Is the delimiter right?"))
    return {column: field for column, field in filled.items() if field != IGNORED}


def target_of(column, mapping=()):
    """Name the field that a column fills: what is mapped, what we know, else a free value."""
    if column in mapping:
        return mapping[column]
    name = column.casefold()
    name = ALIASES.get(name, name)
    if name in FIELDS:
        return name
    return column if column.startswith(VALUE) else VALUE + column


def column_of(attribute):
    """Name the column of an attribute so that importing it fills the same attribute."""
    return attribute if target_of(attribute) == VALUE + attribute else VALUE + attribute


def check_attribute(name):
    """Raise `ValidationError` for the name of a field, which is no free attribute."""
    if name in FIELDS:
        raise ValidationError(_("“%s” is a field of every product, not an attribute.") % name)


def _check_line(number, column, field):
    if not column or not field:
        raise ValidationError(_("Line %d: write “column = field”.") % number)
    is_value = field.startswith(VALUE) and field != VALUE
    if not is_value and field not in (*FIELDS, IGNORED):
        raise ValidationError(
            _("Line %(number)d: there is no field “%(field)s”. Choose one of: %(fields)s.")
            % {
                "number": number,
                "field": field,
                "fields": ", ".join([*FIELDS, f"{VALUE}…", IGNORED]),
            }
        )
