"""Modules by the names that `proofs.declared` calls them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class NoSuchModule(Exception):
    """A module that a table proves is not there any more."""


def find(root, names):
    """Return the files of modules under a folder; a name with a slash at its end is all below."""
    return {path for name in names for path in _paths(root, name)}


def _paths(root, name):
    below = (root / name).rglob("*.py") if name.endswith("/") else [root / f"{name}.py"]
    if paths := [path for path in below if path.is_file()]:
        return paths
    raise NoSuchModule(
        f"There is no module {root.name}/{name} any more: say in proofs/declared.py where it went."
    )
