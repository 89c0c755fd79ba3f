"""The pages of the documentation, and the marked places where their tables stand."""

MARK = "<!-- proof: {} -->"
END = "<!-- end of proof -->"


class NoSuchTable(Exception):
    """A page has no marked place for a table."""


def read(path, name):
    """Return what stands in a table's place."""
    _before, inside, _after = _cut(path, name)
    return inside.strip()


def replace(path, name, text):
    """Put a text into a table's place; the rest of the page stays as it is."""
    before, _inside, after = _cut(path, name)
    path.write_text(f"{before}\n\n{text.strip()}\n\n{after}", encoding="utf-8")


def _cut(path, name):
    """Return a page in three: up to the first marker, what is in between, from the second on."""
    begin = MARK.format(name)
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    inside, ended, after = rest.partition(END)
    if not found or not ended or begin in rest or MARK.partition("{}")[0] in inside:
        raise NoSuchTable(f"{path.name} needs one place between {begin} and {END}.")
    return before + begin, inside, END + after
