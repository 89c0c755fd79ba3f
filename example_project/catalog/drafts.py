"""A row of a product file, read: what it says about one product, or what is wrong with it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from .codes import code_of, code_of_path, too_long
from .faults import RowFault
from .mapping import VALUE
from .models import Category, Family, Product

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
PRICE_LIMIT = Decimal(10) ** 10  # Twelve digits, two of them behind the point.
VALUE_LIMIT = 32_767  # Characters: as many as a cell of XLSX holds, so that exports lose nothing.
YES = {"1", "true", "yes"}
NO = {"0", "false", "no"}


@dataclass
class ProductDraft:
    """What one row says; a field that it does not mention stays as it is."""

    fields: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)  # Attribute → text; an empty one is removed.

    @property
    def sku(self):
        return self.fields["sku"]


def read_product(row, targets):
    """Turn a row into a draft; raise `RowFault` at the first cell that is wrong."""
    if row.fault:
        raise RowFault(row.fault, code="shape")
    draft, attributes = ProductDraft(), {}
    for column, target in targets.items():
        try:
            content = _read_cell(target, row[column].strip())
        except RowFault as fault:
            fault.field = column
            raise
        if target == "attributes":
            attributes = content
        elif target.startswith(VALUE):
            draft.values[target.removeprefix(VALUE)] = content
        elif content is not ...:
            draft.fields[target] = content
    draft.values.update(attributes)
    return draft


def _read_cell(target, text):
    if target.startswith(VALUE):
        return _value(text)
    return READERS[target](text)


def _sku(text):
    if not text:
        raise RowFault(_("The SKU is missing."), code="missing")
    return _short(text, Product, "sku")


def _name(text):
    if not text:
        raise RowFault(_("The name is missing."), code="missing")
    return _short(text, Product, "name")


def _family(text):
    _short(text, Family, "name")
    _short(code_of(text), Family, "code")
    return text


def _categories(text):
    """Read codes and paths of names: "shoes,Sport/Winter/Ski boots"."""
    paths = [[name.strip() for name in path.split("/")] for path in text.split(",")]
    paths = [tuple(filter(None, path)) for path in paths]
    for path in paths:
        _short(code_of_path(path), Category, "code")
        for name in path:
            _short(name, Category, "name")
    return [path for path in paths if path]


def _price(text):
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise RowFault(_("“%s” is no number, such as 12.50.") % text[:60], code="invalid")
    price = Decimal(text)
    if price < 0:
        raise RowFault(_("The price is negative."), code="invalid")
    if price >= PRICE_LIMIT or price != round(price, 2):
        raise RowFault(
            _("The price has too many digits: ten before the point and two behind it are allowed."),
            code="too_long",
        )
    return price


def _enabled(text):
    word = text.casefold()
    if word in YES | NO:
        return word in YES
    if word:
        raise RowFault(_("“%s” is neither yes nor no (1, 0).") % text[:60], code="invalid")
    return ...  # Nothing said.


def _attributes(text):
    """Read "color=Red,size=S,M": a piece without a name belongs to the value before it."""
    values, name = {}, ""
    for piece in text.split(",") if text else ():
        if "=" in piece:
            name, _equals, value = (part.strip() for part in piece.partition("="))
            values[name] = value
        elif name:
            values[name] += f",{piece}"
        if not name:
            raise RowFault(_("“%s” is no “name=value”.") % piece[:60], code="invalid")
    return {name: _value(value.strip()) for name, value in values.items()}


def _value(text):
    if len(text) > VALUE_LIMIT:
        raise RowFault(
            _("A value has %(length)d characters, at most %(limit)d are allowed.")
            % {"length": len(text), "limit": VALUE_LIMIT},
            code="too_long",
        )
    return text


def _short(text, model, name):
    reason = too_long(text, model, name)
    if reason:
        raise RowFault(reason, code="too_long")
    return text


READERS = {
    "sku": _sku,
    "name": _name,
    "family": _family,
    "categories": _categories,
    "price": _price,
    "enabled": _enabled,
    "attributes": _attributes,
}
