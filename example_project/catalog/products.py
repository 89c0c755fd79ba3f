"""Import products: match the rows of a file with what there is, and save the difference."""

from contextlib import suppress
from itertools import chain, islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemRefused, ItemStep
from akeneo_jobs.io import upsert

from .drafts import DraftReader
from .mapping import parse_mapping, targets
from .models import Product
from .placements import Placements
from .references import References
from .sources import open_csv, open_json_lines, open_xlsx

RELATED = {"family", "categories"}  # Fields kept outside the product's own columns.


class ImportProducts(ItemStep):
    """Saves each row of a table, or refuses it."""

    name = "import"
    label = gettext_lazy("Import")
    chunk_size = 1000
    rows = None  # Opens the table that the parameters name.

    def read(self, context):
        rows = self.rows(context.parameters)
        self.positions = {}  # Where each SKU stands first.
        self.reader = self.reader_of(rows, parse_mapping(context.parameters["mapping"]))
        for row in islice(rows.after(None), context.step.processed):  # Before a restart.
            with suppress(ItemRefused):
                if not row.fault:
                    self.process(row, context)
        return rows

    def reader_of(self, rows, mapping):
        return DraftReader(targets(rows.columns, mapping))

    def process(self, row, context):
        draft = self.reader.read(row)
        first = self.positions.setdefault(draft.sku, row.position)
        if first != row.position:
            values = {"sku": draft.sku, "row": first}
            reason = _("The SKU “%(sku)s” stands in row %(row)d already.") % values
            raise ItemRefused(reason, code="duplicate", field="sku")
        return draft

    def write(self, drafts, context):
        stored = _stored(drafts)
        references = References(drafts)
        creates = context.parameters["create_missing"]
        drafts = [d for d in drafts if _is_accepted(d, stored, references, creates, context)]
        if creates:
            references.create_missing(drafts)
        _save(drafts, stored, references, context)


class ImportCsvProducts(ImportProducts):
    rows = staticmethod(open_csv)


class ImportXlsxProducts(ImportProducts):
    rows = staticmethod(open_xlsx)


class ImportJsonProducts(ImportProducts):
    """Takes values of any type, and keys that only some of the objects have."""

    rows = staticmethod(open_json_lines)

    def reader_of(self, rows, mapping):
        columns = list(dict.fromkeys(chain.from_iterable(rows)))
        return DraftReader(targets(columns, mapping), text=_text)


def _text(value):
    return "" if value is None else str(value).strip()


def _stored(drafts):
    """Lock the products that exist; return SKU → (primary key, values)."""
    products = Product.objects.locked(sku__in=[draft.sku for draft in drafts])
    rows = products.order_by("pk").values_list("sku", "pk", "values")
    return {sku: (pk, values) for sku, pk, values in rows}


def _is_accepted(draft, stored, references, creates, context):
    """Say whether a draft can be saved; refuse it if not."""
    try:
        if not draft.fields.get("name") and draft.sku not in stored:
            raise ItemRefused(_("The name is missing."), code="missing", field="name")
        if not creates:
            references.check(draft)
    except ItemRefused as fault:
        context.refuse(draft.row, fault)
        return False
    return True


def _save(drafts, stored, references, context):
    placed = [draft for draft in drafts if "categories" in draft.fields]
    placements = Placements([stored[draft.sku][0] for draft in placed if draft.sku in stored])
    items, related = [], {}
    for index, draft in enumerate(drafts):
        pk, values = stored.get(draft.sku, (None, {}))
        items.append(_columns(draft, values, references))
        if "categories" in draft.fields:
            codes = draft.fields["categories"].keys()
            if change := placements.change(pk, codes, index):
                related[index] = {"categories": change}
    saved = upsert(Product, items, key="sku", context=context, related=related)
    placements.save(saved.pks, references.categories)


def _columns(draft, stored_values, references):
    """Return what the columns of the product's own row shall hold."""
    columns = {name: value for name, value in draft.fields.items() if name not in RELATED}
    if "family" in draft.fields:
        family = draft.fields["family"]
        columns["family"] = family and references.families[family[0]]
    if draft.values:
        values = {**stored_values, **draft.values}
        columns["values"] = {name: text for name, text in values.items() if text}
    return columns
