"""Project calculation: how complete the products of a family are."""

from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep, JobFailed, Step
from akeneo_jobs.io import read_queryset, upsert

from .completeness import missing_attributes
from .models import Product, ProductCompleteness, Project
from .sources import slices_of


class MeasureProducts(ItemStep):
    """Writes down what each product lacks; in parts where there is much to do."""

    name = "measure"
    label = gettext_lazy("Measure the products")

    def split(self, context):
        return slices_of(_source(context))

    def read(self, context):
        project = context.parameters["project"]
        self.required = project.family.required_attributes
        if context.part in (0, 1) and context.checkpoint is None:
            _warn_of_nothing(context, project)
        return _source(context).slice(context.slice)

    def process(self, product, context):
        missing = missing_attributes(product, self.required)
        return {
            "project": context.parameters["project"].pk,
            "product": product.pk,
            "required_count": len(self.required),
            "missing": missing,
            "missing_count": len(missing),
        }

    def write(self, items, context):
        _found(context.parameters["project"])
        locked = Product.objects.locked(pk__in=[item["product"] for item in items])
        present = set(locked.values_list("pk", flat=True))  # Some may be deleted since.
        items = [item for item in items if item["product"] in present]
        upsert(ProductCompleteness, items, key=("project", "product"))
        for item in items:
            context.count("incomplete" if item["missing"] else "complete")


class SummariseProject(Step):
    """Stores the result on the project."""

    name = "summarise"
    label = gettext_lazy("Add up")

    def run(self, context):
        with transaction.atomic():
            rows = Project.objects.select_for_update()  # A second calculation waits here.
            self._summarise(_found(context.parameters["project"], rows))

    def _summarise(self, project):
        project.products.exclude(product__family=project.family_id).delete()
        incomplete = project.products.filter(missing_count__gt=0)
        counter = Counter()
        for missing in incomplete.values_list("missing", flat=True).iterator(chunk_size=2000):
            counter.update(missing)
        project.product_count = project.products.count()
        project.complete_count = project.product_count - incomplete.count()
        project.missing_counts = dict(counter.most_common())
        project.calculated_at = timezone.now()
        project.save()


def _source(context):
    products = Product.objects.filter(family=context.parameters["project"].family_id)
    return read_queryset(products.prefetch_related("categories"))


def _warn_of_nothing(context, project):
    if not project.family.required_attributes:
        reason = _("The family “%s” requires no attribute: every product is complete.")
        context.warn(reason % project.family, item=project, code="nothing_required")
    if not Product.objects.filter(family=project.family_id).exists():
        reason = _("No product is in the family “%s”.")
        context.warn(reason % project.family, item=project, code="no_products")


def _found(project, rows=Project.objects):
    """Load a project anew."""
    found = rows.filter(pk=project.pk).first()
    if found is None:
        raise JobFailed(_("The project “%s” does not exist any more.") % project)
    return found
