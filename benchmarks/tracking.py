"""What tracking costs: an item in a loop, and a whole handler."""

import csv
import logging
import os
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

from django.core.files import File
from django.core.management import call_command
from django.db import transaction
from tqdm import tqdm

from akeneo_jobs import JobType, Kind, actions, parameters, registry, runner
from akeneo_jobs.models import JobExecution
from akeneo_jobs.testing import registered
from benchmarks.job_types import CountForm
from benchmarks.measure import Ratio, Way, alternate
from example_project.catalog.models import Category, Family, Product

ROOT = Path(__file__).resolve().parent.parent
MAGENTO = ROOT.parent / "shared" / "data" / "products_magento.csv"


ROWS_PER_PRODUCT = 100  # A product costs more here: it is saved one by one.
ITEMS_PER_ROW = 5  # An item of the loop is nothing, so there are more of them.


class TrackedLoop(JobType):
    """Does nothing, often."""

    code = "benchmark_loop"
    label = "Loop"
    kind = Kind.RULE
    parameters_form = CountForm
    seconds = None  # that the loop took when it ran last

    def run(self, context):
        TrackedLoop.seconds = _loop(context.track(range(context.parameters["count"])))


def compare(size):
    yield item(size)
    yield magento_import(size)


def item(size):
    """Compare what `context.track` and tqdm add to a loop that does nothing."""
    count = size.rows * ITEMS_PER_ROW
    executions, bars = [], []

    def record():
        executions.append(actions.record(TrackedLoop, parameters={"count": count}))

    def tracked():
        runner.run(executions[-1].pk)
        return TrackedLoop.seconds

    def barred():
        with open(os.devnull, "w") as nowhere:
            bars.append(tqdm(range(count), file=nowhere))
            return _loop(bars[-1])

    def processed():
        return JobExecution.objects.filter(pk=executions[-1].pk).values_list("processed", flat=True)

    with registered(TrackedLoop):
        bare, ours, theirs = alternate(
            Way("the bare loop", lambda: _loop(range(count)), lambda: [count]),
            Way("context.track", tracked, processed, record),
            Way("tqdm", barred, lambda: [bars[-1].n]),
            rounds=size.rounds,
        )
    added = [_added(way, bare) for way in (ours, theirs)]
    return Ratio(f"{count:,} tracked items", "tqdm, added to the bare loop", *added, at_most=1.0)


class PlainContext:
    """A context that keeps nothing: the same handler in a plain loop with the same transactions."""

    log = logging.getLogger("benchmarks")
    checkpoint = slice = user = None
    part = 0
    is_dry_run = False

    def __init__(self, values):
        self.parameters = values
        self.step = SimpleNamespace(processed=0, total=None)
        self.execution = SimpleNamespace(is_repair=False)

    def track(self, iterable, total=None):
        return iterable

    def commit(self, checkpoint):
        return transaction.atomic()

    def count(self, name, by=1):
        """Count nothing."""

    def warn(self, reason, **about):
        """Warn nobody."""

    def refuse(self, item, error):
        """Hand nothing back."""

    def read_from(self, source):
        """Remember nothing of it."""

    def repaired(self, items):
        """Take nothing off."""

    def advance(self):
        """Count nothing."""

    rollback = advance


def magento_import(size):
    """Import a product file of some 2,000 rows, tracked and plain."""
    job_type = registry.get("csv_product_import")
    with _input_path(size).open("rb") as content:
        file = File(content, name="products.csv")
        plain, _uploads = parameters.clean(job_type, {"file": file})
        values = parameters.load(job_type, plain, {"file": file})
        executions = []

        def prepare():
            for model in (Product, Category, Family):
                model.objects.all().delete()
            file.seek(0)
            executions.append(actions.record(job_type, parameters={"file": file}))
            file.seek(0)

        ours, theirs = alternate(
            Way("the execution", lambda: runner.run(executions[-1].pk), _names, prepare),
            Way(
                "the loop",
                lambda: job_type.get_steps()[0].run(PlainContext(values)),
                _names,
                prepare,
            ),
            rounds=size.rounds,
        )
    work = f"tracked import of {Product.objects.count():,} products"
    return Ratio(work, "same handler, plain loop", ours, theirs, at_most=1.1)


def _loop(items):
    """Return the seconds that a loop over some items takes."""
    started = time.perf_counter()
    for _item in items:
        pass
    return time.perf_counter() - started


def _added(seconds, bare):
    return [one - other for one, other in zip(seconds, bare, strict=True)]


def _names():
    return Product.objects.order_by("sku").values_list("sku", "name", "price", "values")


def _input_path(size):
    """Return the start of the real file where it is at hand, else of the example's own catalog."""
    source, path = MAGENTO, size.directory / "shop.csv"
    if not source.exists():
        source = size.directory / "catalog.csv"
        call_command("demo_data", csv=source, verbosity=0)
    text = {"newline": "", "encoding": "utf-8"}
    with source.open(**text) as old, path.open("w", **text) as new:
        csv.writer(new).writerows(islice(csv.reader(old), size.rows // ROWS_PER_PRODUCT + 1))
    return path
