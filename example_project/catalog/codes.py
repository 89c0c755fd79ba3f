"""Codes made out of names: the same name gives the same code, in any file."""

import hashlib
import re
import unicodedata
from functools import cache, lru_cache

from django.utils.translation import gettext as _

CODE = re.compile(r"[A-Za-z0-9_.-]+")
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def code_of(name):
    """Make a code out of a name; a code stays as it is."""
    if CODE.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    code = UNSAFE.sub("-", plain).strip("-")
    return code or hashlib.sha256(name.encode()).hexdigest()[:12]  # A name without Latin letters.


@lru_cache(4096)
def code_of_path(names):
    """Make the code of a category out of a tuple: the names above it and its own."""
    return ".".join(map(code_of, names))


def too_long(value, model, field):
    """Say that a value does not fit into a column, or nothing."""
    limit = _limit(model, field)
    if len(value) <= limit:
        return None
    return _("It has %(length)d characters, at most %(limit)d are allowed.") % {
        "length": len(value),
        "limit": limit,
    }


@cache
def _limit(model, field):
    return model._meta.get_field(field).max_length
