"""List the tables of the documentation that are older than the code that they prove."""

import argparse
import sys

from proofs.ages import age
from proofs.declared import PROOFS
from proofs.modules import NoSuchModule
from proofs.pages import NoSuchTable


def main(arguments=None, proofs=PROOFS):
    is_strict = _parse(arguments).strict
    old = [(proof, reason) for proof in proofs.values() if (reason := age(proof))]
    if not old:
        print("Every table proves the code as it is.")
        return 0
    print(f"Tables older than the code that they prove: {len(old)} of {len(proofs)}.")
    for proof, reason in old:
        print(f"  {proof.page}, {proof.name}: {reason}; {proof.rewrite}")
    return 1 if is_strict else 0


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="exit with 1 where one is older")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (NoSuchModule, NoSuchTable) as error:
        sys.exit(str(error))
