"""Tables of the documentation that know which code they prove, so that none outlives it."""

from proofs.measurement import begin

__all__ = ["begin"]
