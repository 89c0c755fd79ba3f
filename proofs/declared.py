"""Which tables there are, and the code that each of them proves.

Modules are named by their paths below the package, `means` by theirs below the project; a slash at
the end takes in all of a folder. Whoever moves a module changes its name here, and nothing else.
"""

from dataclasses import dataclass

from proofs.fingerprint import fingerprint
from proofs.modules import ROOT, find

PACKAGE = ROOT / "akeneo_jobs"


@dataclass(frozen=True)
class Proof:
    """A table of the documentation."""

    name: str  # in the marker of its page
    page: str
    command: str  # measures it
    rewrite: str  # measures it and writes it
    modules: tuple  # what it proves
    means: tuple  # what measures

    @property
    def path(self):
        return ROOT / self.page

    def code(self):
        """Return the fingerprint of the code as it is now."""
        return fingerprint(find(PACKAGE, self.modules) | find(ROOT, self.means))


def _names(*texts):
    return tuple(" ".join(texts).split())


CHAOS = Proof(
    name="chaos",
    page="docs/reliability.md",
    command="make chaos",
    rewrite="make chaos CHAOS_ARGS=--write",
    modules=_names(
        "actions attempt beat conf conflicts context dry_run exceptions files hooks inputs io/",
        "items job_type joblog models/ notifications outcomes parameters part_files parts plain",
        "querysets queue registry rejects runner slots statuses step_warnings tally upkeep",
        "warning_file watch worker",
    ),
    means=_names("chaos/"),
)

# What no drill breaks: doors, words, and questions that change nothing.
UNPROVED = _names(
    "__init__ admin api/ apps checks downloads filters formatting management/ migrations/ orphans",
    "permissions profiles progress queue_state report retention secrecy templatetags/ testing urls",
    "views/ wording",
)

RUN = (
    "attempt beat conf context exceptions files hooks inputs job_type joblog models/ notifications "
    "outcomes parameters plain querysets registry runner secrecy slots statuses step_warnings "
    "tally warning_file"
)
ITEMS = "items rejects"
READ_CSV = (
    "io/compressed io/csv_files io/decoding io/delimiters io/lines io/rows io/tables io/text_rows"
)
READ_XLSX = "io/archives io/xlsx_files"
UPSERT = "io/arrays io/kept_types io/model_rows io/statements io/upserts"
IMPORT = f"{RUN} {ITEMS} {READ_CSV} {UPSERT}"
HANDED_OVER = "part_files parts queue watch worker"


def _bench(noun, modules, means):
    return Proof(
        name=noun,
        page="docs/performance.md",
        command=f"make bench BENCH_ARGS={noun}",
        rewrite=f"make bench BENCH_ARGS='{noun} --write'",
        modules=_names(modules),
        means=tuple(f"benchmarks/{name}" for name in _names(noun, "measure", means)),
    )


BENCHES = (
    _bench("tracking", IMPORT, "job_types"),
    _bench("imports", f"{IMPORT} {READ_XLSX}", "executions job_types products resources scripts"),
    _bench("exports", f"{RUN} io/writers", "executions job_types products scripts"),
    _bench("memory", IMPORT, "child children executions job_types products"),
    _bench("partitions", f"{RUN} {ITEMS} {HANDED_OVER}", "children executions job_types worker"),
    _bench("restarts", IMPORT, "child children executions job_types products"),
    _bench("rejects", f"{IMPORT} io/rejects io/writers", "executions job_types products"),
)

PURGE = Proof(
    name="purge",
    page="docs/performance.md",
    command=".ci/postgres .venv/bin/python -m benchmarks.purge",
    rewrite=".ci/postgres .venv/bin/python -m benchmarks.purge --write",
    modules=_names("management/commands/purge_jobs models/ orphans retention"),
    means=_names("benchmarks/purge benchmarks/ended"),
)

PROOFS = {proof.name: proof for proof in (CHAOS, *BENCHES, PURGE)}
