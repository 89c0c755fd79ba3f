"""The fingerprint of code: what it does, wherever its modules lie and however they are laid out.

Imports, docstrings, comments and formatting leave no trace in it; every other statement does.
"""

import ast
import hashlib
from functools import cache, singledispatch

LENGTH = 10  # hexadecimal digits


def fingerprint(paths):
    """Return one for some modules together, the same in every version of Python."""
    digests = sorted(_digest(path.read_text(encoding="utf-8")) for path in paths)
    return _hash("\n".join(filter(None, digests)))[:LENGTH]


@cache
def _digest(source):
    """Return a module's own; an empty one where it does nothing, as a new folder's `__init__`."""
    body = _written(ast.parse(source).body)
    return _hash(body) if body else ""


def _hash(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@singledispatch
def _written(value):
    """Write a part of a tree as text: in ASCII, since what is printable differs between Pythons."""
    return ascii(value)


@_written.register
def _(node: ast.AST):
    fields = ((name, value) for name, value in ast.iter_fields(node) if value is not None)
    written = ((name, _written(value)) for name, value in fields)
    # Whether a tree has empty fields differs between Pythons, too.
    return f"{type(node).__name__}({', '.join(f'{name}={text}' for name, text in written if text)})"


@_written.register
def _(constant: ast.Constant):
    return f"Constant({ascii(constant.value)})"


@_written.register
def _(text: ast.JoinedStr):
    """Write an f-string in one: Pythons cut its constants differently, and add empty ones."""
    return f"JoinedStr({''.join(map(_piece, text.values))})"


def _piece(value):
    if isinstance(value, ast.Constant):
        return value.value.replace("{", "{{").encode("unicode_escape").decode("ascii")
    return f"{{{_written(value)}}}"


@_written.register
def _(values: list):
    kept = [_written(value) for value in values if not _does_nothing(value)]
    return f"[{', '.join(kept)}]" if kept else ""


def _does_nothing(value):
    """Tell whether something is an import, or a string that stands alone, as docstrings do."""
    if isinstance(value, ast.Expr) and isinstance(value.value, ast.Constant):
        return isinstance(value.value.value, str)
    return isinstance(value, ast.Import | ast.ImportFrom)
