"""Which tables are older than the code that they prove."""

from proofs import pages, stamps

NEVER = "never measured by this"


def age(proof):
    """Say since when the code of a table is another, None where it is the same."""
    stamp = stamps.find(pages.read(proof.path, proof.name))
    code = proof.code()
    if stamp is None:
        return NEVER
    return None if stamp.code == code else f"its code has changed since {stamp.date}"
