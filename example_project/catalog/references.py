"""The families and categories that products refer to, known by code."""

from django.utils.translation import gettext as _

from .codes import code_of, code_of_path
from .faults import RowFault
from .models import Category, Family


class References:
    """Finds families and categories without asking the database for each row."""

    def __init__(self, create_missing):
        self.create_missing = create_missing
        self.load()

    def load(self):
        self._families = dict(Family.objects.values_list("code", "pk"))
        self._categories = dict(Category.objects.values_list("code", "pk"))

    def family(self, name):
        """Return the primary key of a family, which is created where that is wanted."""
        if not name:
            return None
        code = code_of(name)
        if code not in self._families:
            self._check(_("There is no family “%s”.") % name, "family")
            self._families[code] = _pk(Family, code, name=name)
        return self._families[code]

    def category(self, path):
        """Return the primary key of the category at the end of a path of names."""
        code = code_of_path(path)
        if code not in self._categories:
            self._check(_("There is no category “%s”.") % "/".join(path), "categories")
            above = self.category(path[:-1]) if path[:-1] else None
            self._categories[code] = _pk(Category, code, name=path[-1], parent_id=above)
        return self._categories[code]

    def _check(self, reason, field):
        if not self.create_missing:
            raise RowFault(reason, code="unknown", field=field)


def _pk(model, code, **fields):
    return model.objects.get_or_create(code=code, defaults=fields)[0].pk
