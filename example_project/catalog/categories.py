"""Import a tree of categories from a table whose rows come in any order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from akeneo_jobs.io import require_columns

from .codes import CODE, too_long
from .faults import RowFault, skip
from .models import Category

LABEL = "label-"  # Before a language: label-en_US.


@dataclass
class CategoryDraft:
    """What one row says; a parent of None leaves the category where it is."""

    code: str
    name: str
    parent: str | None


def import_categories(context, rows):
    """Place each row of a table in the tree, or skip it with a warning."""
    read = list(_read(rows, _label_column(rows.columns)))
    tree = Tree(mentioned={row.get("code", "").strip() for row, _draft in read})
    for row, draft in context.track(_parents_first(read, tree.parents), total=len(rows)):
        try:
            context.count(tree.place(draft))
        except RowFault as fault:
            skip(context, row, fault)


class Tree:
    """The categories there are, by code, and the code of each one's parent."""

    def __init__(self, mentioned):
        self.mentioned = mentioned  # Codes in the file, whether they can be placed or not.
        categories = Category.objects.in_bulk()
        self.categories = {category.code: category for category in categories.values()}
        self.parents = {
            category.code: categories[category.parent_id].code if category.parent_id else ""
            for category in categories.values()
        }

    def place(self, draft):
        """Create or move one category; say what was done."""
        if isinstance(draft, RowFault):
            raise draft
        parent = self._parent(draft)
        category = self.categories.get(draft.code)
        place = {"name": draft.name, "parent_id": parent and parent.pk}
        if draft.parent is None:
            del place["parent_id"]
        if category is None:
            category = Category.objects.create(code=draft.code, **place)
            self._remember(category, draft)
            return "created"
        changes = {name for name, value in place.items() if getattr(category, name) != value}
        if not changes:
            return "unchanged"
        for name in changes:
            setattr(category, name, place[name])
        category.save(update_fields=changes)
        self._remember(category, draft)
        return "updated"

    def _remember(self, category, draft):
        self.categories[draft.code] = category
        if draft.parent is not None or draft.code not in self.parents:
            self.parents[draft.code] = draft.parent or ""

    def _parent(self, draft):
        if not draft.parent:
            return None
        if draft.parent in self.categories:
            self._check_circle(draft)
            return self.categories[draft.parent]
        if draft.parent in self.mentioned:
            reason = _("Its parent “%s” could not be placed itself.")
        else:
            reason = _("Its parent “%s” is neither in the file nor in the catalog.")
        raise RowFault(reason % draft.parent, code="parent", field="parent")

    def _check_circle(self, draft):
        above = draft.parent
        while above:
            if above == draft.code:
                raise _circle()
            above = self.parents[above]


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
                raise RowFault(reason, code="duplicate", field="code")
        except RowFault as fault:
            draft = fault
        yield row, draft


def _read_category(row, label):
    if row.fault:
        raise RowFault(row.fault, code="shape")
    code, name = row["code"].strip(), row[label].strip()
    if not code:
        raise RowFault(_("The code is missing."), code="missing", field="code")
    if not CODE.fullmatch(code):
        reason = _("A code has letters, digits, “_”, “-” and “.” only, not “%s”.") % code[:60]
        raise RowFault(reason, code="invalid", field="code")
    if not name:
        raise RowFault(_("The name is missing."), code="missing", field=label)
    for column, field, text in (("code", "code", code), (label, "name", name)):
        if reason := too_long(text, Category, field):
            raise RowFault(reason, code="too_long", field=column)
    parent = row.get("parent")
    return CategoryDraft(code, name, None if parent is None else parent.strip())


def _parents_first(read, parents):
    """Yield each parent before its children, and what stands in a circle as a fault."""
    rows = {}
    for row, draft in read:
        if isinstance(draft, RowFault):
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
    return RowFault(
        _("It would stand above itself: its parents form a circle."), code="circle", field="parent"
    )
