"""A measurement: begun by a command that measures, written when its table is ready."""

from datetime import date

from proofs import pages
from proofs.declared import PROOFS
from proofs.stamps import Stamp, date_in_words


class Measurement:
    """Holds what the code was when it began: code that changes meanwhile was not measured."""

    def __init__(self, proof):
        pages.read(proof.path, proof.name)  # Better now than at the end of an hour.
        self.proof = proof
        self.code = proof.code()

    def write(self, table, details="", machine=""):
        """Put a table on its page, with a stamp: how it was measured, and on what machine."""
        stamp = Stamp(date_in_words(date.today()), self.code)
        lines = [table.strip(), "", stamp.line(self.proof.command, details), machine]
        pages.replace(self.proof.path, self.proof.name, "\n".join(lines))


def begin(name):
    """Begin to measure a declared table; call it before anything of the package runs."""
    return Measurement(PROOFS[name])
