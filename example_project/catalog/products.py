"""Import products: match the rows of a file with what there is, and save the difference."""

from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .drafts import read_product
from .faults import RowFault, skip
from .mapping import targets
from .models import Product
from .references import References

CHUNK = 500  # Rows whose products are fetched together.
RELATED = {"family", "categories"}  # Fields kept outside the product's own columns.


def import_products(context, rows, mapping, create_missing):
    """Save each row of a table or skip it with a warning."""
    filled = targets(rows.columns, mapping)
    references = References(create_missing)
    matched = _matched(_read(rows, filled))
    for row, draft, product in context.track(matched, total=len(rows)):
        try:
            context.count(save(draft, product, references))
        except RowFault as fault:
            skip(context, row, fault)


def save(draft, product, references):
    """Create or update one product, wholly or not at all; say what was done."""
    if isinstance(draft, RowFault):
        raise draft
    try:
        with transaction.atomic():
            return _save(draft, product, references)
    except IntegrityError:
        references.load()  # It may have kept a row that was rolled back.
        raise RowFault(
            _("Somebody else saved this product at the same time. Import the row again."),
            code="conflict",
        ) from None


def _read(rows, filled):
    """Yield each row with its draft, or with the fault that it has."""
    positions = {}
    for row in rows:
        try:
            draft = read_product(row, filled)
            first = positions.setdefault(draft.sku, row.position)
            if first != row.position:
                raise RowFault(
                    _("The SKU “%(sku)s” stands in row %(row)d already.")
                    % {"sku": draft.sku, "row": first},
                    code="duplicate",
                    field="sku",
                )
        except RowFault as fault:
            draft = fault
        yield row, draft


def _matched(drafts):
    """Add to each row the product it is about, or None, with few queries."""
    while chunk := list(islice(drafts, CHUNK)):
        skus = [draft.sku for _row, draft in chunk if not isinstance(draft, RowFault)]
        found = Product.objects.filter(sku__in=skus).prefetch_related("categories")
        products = {product.sku: product for product in found}
        for row, draft in chunk:
            yield row, draft, products.get(getattr(draft, "sku", None))


def _save(draft, product, references):
    is_new = product is None
    product = Product() if is_new else product
    fields = _fields(draft, product, references)
    categories = _categories(draft, product, references)
    changes = {name for name, value in fields.items() if getattr(product, name) != value}
    for name in changes:
        setattr(product, name, fields[name])
    if is_new:
        _create(product, categories)
        return "created"
    if changes:
        product.save(update_fields=changes)
    if categories is not None:
        product.categories.set(categories)
    return "unchanged" if not changes and categories is None else "updated"


def _create(product, categories):
    if not product.name:
        raise RowFault(_("The name is missing."), code="missing", field="name")
    product.save(force_insert=True)
    product.categories.add(*categories or ())


def _fields(draft, product, references):
    """Return what the columns of the product's own row shall hold."""
    fields = {name: value for name, value in draft.fields.items() if name not in RELATED}
    if "family" in draft.fields:
        fields["family_id"] = references.family(draft.fields["family"])
    values = {**product.values, **draft.values}
    return {**fields, "values": {name: text for name, text in values.items() if text}}


def _categories(draft, product, references):
    """Return the primary keys of the categories it shall stand in; None where they are right."""
    if "categories" not in draft.fields:
        return None
    wanted = {references.category(path) for path in draft.fields["categories"]}
    present = {category.pk for category in product.categories.all()} if product.pk else set()
    return None if wanted == present else wanted
