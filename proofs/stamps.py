"""The line under a table: what has measured it, when, and which code."""

import re
from dataclasses import dataclass

WRITTEN = re.compile(r"^`.+`, (?:.+, )?(\d{1,2} \w+ \d{4}), code `([0-9a-f]+)`\.$", re.MULTILINE)


@dataclass(frozen=True)
class Stamp:
    """When a table was measured, and the fingerprint of the code that it proves."""

    date: str
    code: str

    def line(self, command, details=""):
        about = ", ".join(filter(None, [f"`{command}`", details, self.date]))
        return f"{about}, code `{self.code}`."


def date_in_words(date):
    return f"{date.day} {date:%B %Y}"


def find(text):
    """Return the stamp of a table, None where it has none."""
    found = WRITTEN.search(text)
    return Stamp(*found.groups()) if found else None
