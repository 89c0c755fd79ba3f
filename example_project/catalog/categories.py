"""Import a tree of categories from a table whose rows come in any order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemRefused, ItemStep
from akeneo_jobs.io import require_columns, upsert

from .codes import CODE, too_long
from .models import Category
from .sources import open_csv, open_xlsx

LABEL = "label-"  # Before a language: label-en_US.


@dataclass(slots=True)
class CategoryDraft:
    """What one row says; a parent of None leaves the category where it is."""

    code: str
    name: str
    parent: str | None


class ImportCategories(ItemStep):
    """Places each row of a table in the tree, parents first, or refuses it."""

    name = "import"
    label = gettext_lazy("Import")
    rows = None  # Opens the table that the parameters name.

    def read(self, context):
        rows = self.rows(context.parameters)
        context.read_from(rows)
        drafts = list(_read(rows, _label_column(rows.columns)))
        tree = Tree(mentioned={row.get("code", "").strip() for row, _draft in drafts})
        ordered = list(_parents_first(drafts, tree.parents))
        self.drafts = {row.position: tree.place(draft) for row, draft in ordered}
        return [row for row, _draft in ordered]

    def process(self, row, context):
        draft = self.drafts[row.position]
        if isinstance(draft, ItemRefused):
            raise draft
        return draft

    def write(self, drafts, context):
        codes = {code for draft in drafts for code in (draft.code, draft.parent) if code}
        categories = Category.objects.filter(code__in=codes)
        pks = dict(categories.values_list("code", "pk"))
        for level in _levels(drafts):
            items = [_columns(draft, pks) for draft in level]
            saved = upsert(Category, items, key="code", context=context)
            pks.update(zip((draft.code for draft in level), saved.pks, strict=True))


class ImportCsvCategories(ImportCategories):
    rows = staticmethod(open_csv)


class ImportXlsxCategories(ImportCategories):
    rows = staticmethod(open_xlsx)


class Tree:
    """The code of each category's parent, as they will be once the rows so far are written."""

    def __init__(self, mentioned):
        self.mentioned = mentioned  # Codes in the file, whether they can be placed or not.
        rows = Category.objects.values_list("code", "parent__code")
        self.parents = {code: parent or "" for code, parent in rows}

    def place(self, draft):
        """Place a draft; return it, or the fault for which it cannot be placed."""
        try:
            self._place(draft)
        except ItemRefused as fault:
            return fault
        return draft

    def _place(self, draft):
        if isinstance(draft, ItemRefused):
            raise draft
        if draft.parent:
            self._check_parent(draft)
        if draft.parent is not None or draft.code not in self.parents:
            self.parents[draft.code] = draft.parent or ""

    def _check_parent(self, draft):
        if draft.parent not in self.parents:
            if draft.parent in self.mentioned:
                raise _lost(draft)
            reason = _("Its parent “%s” is neither in the file nor in the catalog.")
            raise ItemRefused(reason % draft.parent, code="parent", field="parent")
        above = draft.parent
        while above:
            if above == draft.code:
                raise _circle()
            above = self.parents[above]


def _levels(drafts):
    """Yield drafts in groups, each of which has its parents in the groups before it."""
    depths, levels = {}, {}
    for draft in drafts:
        depths[draft.code] = depths.get(draft.parent, -1) + 1
        levels.setdefault(depths[draft.code], []).append(draft)
    for _depth, level in sorted(levels.items()):
        yield level


def _columns(draft, pks):
    """Return what the columns of a category shall hold."""
    columns = {"code": draft.code, "name": draft.name}
    if draft.parent and draft.parent not in pks:  # The database has refused it.
        raise _lost(draft)
    if draft.parent is not None:
        columns["parent"] = pks[draft.parent] if draft.parent else None
    return columns


def _label_column(columns):
    """Choose the column of names: English first, then any language."""
    require_columns(["code"], columns, hint=_("Is the delimiter right?"))
    languages = [column for column in columns if column.startswith(LABEL)]
    known = [name for name in (f"{LABEL}en_US", "name", "label", *languages) if name in columns]
    if not known:
        require_columns(["name"], columns)
    return known[0]


def _read(rows, label):
    """Yield each row with its draft, or with the fault that it has."""
    positions = {}
    for row in rows:
        try:
            draft = _read_category(row, label)
            first = positions.setdefault(draft.code, row.position)
            if first != row.position:
                values = {"code": draft.code, "row": first}
                reason = _("The code “%(code)s” stands in row %(row)d already.") % values
                raise ItemRefused(reason, code="duplicate", field="code")
        except ItemRefused as fault:
            draft = fault
        yield row, draft


def _read_category(row, label):
    if row.fault:
        raise ItemRefused(row.fault, code="shape")
    code, name = row["code"].strip(), row[label].strip()
    if not code:
        raise ItemRefused(_("The code is missing."), code="missing", field="code")
    if not CODE.fullmatch(code):
        reason = _("A code has letters, digits, “_”, “-” and “.” only, not “%s”.") % code[:60]
        raise ItemRefused(reason, code="invalid", field="code")
    if not name:
        raise ItemRefused(_("The name is missing."), code="missing", field=label)
    for column, field, text in (("code", "code", code), (label, "name", name)):
        if reason := too_long(text, Category, field):
            raise ItemRefused(reason, code="too_long", field=column)
    parent = row.get("parent")
    return CategoryDraft(code, name, None if parent is None else parent.strip())


def _parents_first(read, parents):
    """Yield each parent before its children, and what stands in a circle as a fault."""
    rows = {}
    for row, draft in read:
        if isinstance(draft, ItemRefused):
            yield row, draft
        else:
            rows[draft.code] = row, draft
    above = parents | {
        code: parents.get(code, "") if draft.parent is None else draft.parent
        for code, (_row, draft) in rows.items()
    }
    settled = set()
    for code in rows:
        chain, circle = _climb(code, above, settled)
        settled.update(chain)
        for member in reversed(chain):
            if member in rows:
                row, draft = rows[member]
                yield row, _circle() if member in circle else draft


def _climb(code, above, settled):
    """List a code and those above it that are not settled, and those of them in a circle."""
    chain = {}
    while code in above and code not in settled and code not in chain:
        chain[code] = len(chain)
        code = above[code]
    circle = list(chain)[chain[code] :] if code in chain else []
    return list(chain), set(circle)


def _circle():
    return ItemRefused(
        _("It would stand above itself: its parents form a circle."), code="circle", field="parent"
    )


def _lost(draft):
    reason = _("Its parent “%s” could not be placed itself.") % draft.parent
    return ItemRefused(reason, code="parent", field="parent")
