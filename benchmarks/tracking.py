"""What it costs to run a handler as a tracked execution rather than in a plain loop."""

import logging
import tempfile
from pathlib import Path

from django.core.files import File
from django.core.management import call_command

from akeneo_jobs import actions, parameters, registry, runner
from benchmarks.measure import Ratio, alternate
from example_project.catalog.models import Category, Family, Product

ROOT = Path(__file__).resolve().parent.parent
MAGENTO = ROOT.parent / "shared" / "data" / "products_magento.csv"


class PlainContext:
    """A context that keeps nothing: the same handler in a plain loop."""

    log = logging.getLogger("benchmarks")

    def __init__(self, values):
        self.parameters = values

    def track(self, iterable, total=None):
        return iterable

    def count(self, name, by=1):
        """Count nothing."""

    warn = count


def magento_import():
    """Import a product file of some 2,000 rows, tracked and plain."""
    job_type = registry.get("csv_product_import")
    with _input_path().open("rb") as content:
        file = File(content, name="products.csv")
        plain, _uploads = parameters.clean(job_type, {"file": file})
        values = parameters.load(job_type, plain, {"file": file})
        executions = []

        def prepare():
            Product.objects.all().delete()
            Category.objects.all().delete()
            Family.objects.all().delete()
            file.seek(0)
            executions.append(actions.record(job_type, parameters={"file": file}))
            file.seek(0)

        def tracked():
            runner.run(executions[-1].pk)

        def plain_loop():
            job_type.get_steps()[0].run(PlainContext(values))

        ours, theirs = alternate(tracked, plain_loop, prepare)
    work = f"tracked import of {Product.objects.count():,} products"
    return Ratio(work, "same handler, plain loop", "≤ 1.1", ours, theirs)


def _input_path():
    """Return the real file where it is at hand, else the example's own catalog."""
    if MAGENTO.exists():
        return MAGENTO
    path = Path(tempfile.mkdtemp()) / "products.csv"
    call_command("demo_data", csv=str(path), verbosity=0)
    return path
