"""The families and categories that products refer to, known by code."""

from itertools import groupby

from django.utils.translation import gettext as _

from akeneo_jobs import ItemRefused

from .codes import code_of_path
from .models import Category, Family


class References:
    """Finds what a chunk of drafts refers to, and creates what is missing, in few queries.

    Nothing is remembered from chunk to chunk: a chunk may be rolled back.
    """

    def __init__(self, drafts):
        self._families, self._paths = _named_in(drafts)
        above = {code_of_path(path[:depth]) for path in self._paths.values() for depth in _up(path)}
        self.families = _pks(Family, self._families)
        self.categories = _pks(Category, above)

    def check(self, draft):
        """Raise `ItemRefused` if a draft refers to what does not exist."""
        family = draft.fields.get("family")
        if family and family[0] not in self.families:
            raise _unknown(_("There is no family “%s”.") % family[1], "family")
        for code, path in draft.fields.get("categories", {}).items():
            if code not in self.categories:
                raise _unknown(_("There is no category “%s”.") % "/".join(path), "categories")

    def create_missing(self, drafts):
        """Create what these drafts refer to, each category below the one above it."""
        families, paths = _named_in(drafts)
        names = {code: name for code, name in families.items() if code not in self.families}
        self.families |= _created(Family(code=code, name=name) for code, name in names.items())
        for _depth, categories in groupby(self._missing(paths), key=lambda each: len(each[1])):
            self.categories |= _created(
                Category(code=code, name=path[-1], parent_id=self._above(path))
                for code, path in categories
            )

    def _missing(self, paths):
        """List the categories to be created, code and path, the upper ones first."""
        missing = {}
        for path in (path for code, path in paths.items() if code not in self.categories):
            for depth in _up(path):
                missing.setdefault(code_of_path(path[:depth]), path[:depth])
        left = ((code, path) for code, path in missing.items() if code not in self.categories)
        return sorted(left, key=lambda each: len(each[1]))

    def _above(self, path):
        return self.categories[code_of_path(path[:-1])] if path[:-1] else None


def _named_in(drafts):
    """Return the names of families and the paths of categories by code, as first written."""
    families, paths = {}, {}
    for draft in drafts:
        if family := draft.fields.get("family"):
            families.setdefault(*family)
        for code, path in draft.fields.get("categories", {}).items():
            paths.setdefault(code, path)
    return families, paths


def _up(path):
    return range(1, len(path) + 1)


def _pks(model, codes):
    return dict(model.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}


def _created(objects):
    """Create rows, or take those that somebody else created meanwhile; return code → pk."""
    objects = list(objects)
    if not objects:
        return {}
    model = type(objects[0])
    model.objects.bulk_create(objects, ignore_conflicts=True)
    return _pks(model, [each.code for each in objects])


def _unknown(reason, field):
    return ItemRefused(reason, code="unknown", field=field)
