"""Project calculation: how complete the products of a family are."""

from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep, JobFailed, Step

from .completeness import missing_attributes
from .models import Product, ProductCompleteness, Project


class MeasureProducts(ItemStep):
    """Writes down what each product lacks."""

    name = "measure"
    label = gettext_lazy("Measure the products")
    chunk_size = 500

    def read(self, context):
        project = context.parameters["project"]
        if not project.family.required_attributes:
            reason = _("The family “%s” requires no attribute: every product is complete.")
            context.warn(reason % project.family, item=project, code="nothing_required")
        pks = _products_of(project).values_list("pk", flat=True)
        if not pks:
            reason = _("No product is in the family “%s”.")
            context.warn(reason % project.family, item=project, code="no_products")
        return list(pks)

    def write(self, pks, context):
        project = _locked(context.parameters["project"])
        required = project.family.required_attributes
        products = _products_of(project).filter(pk__in=pks).prefetch_related("categories")
        rows = [_measure(project, product, required) for product in products]
        project.products.filter(product__in=pks).delete()
        ProductCompleteness.objects.bulk_create(rows)
        for row in rows:
            context.count("incomplete" if row.missing else "complete")


class SummariseProject(Step):
    """Stores the result on the project."""

    name = "summarise"
    label = gettext_lazy("Add up")

    def run(self, context):
        with transaction.atomic():
            self._summarise(_locked(context.parameters["project"]))

    def _summarise(self, project):
        project.products.exclude(product__family=project.family_id).delete()
        lacks = list(project.products.values_list("missing", flat=True))
        counter = Counter(name for missing in lacks for name in missing)
        project.product_count = len(lacks)
        project.complete_count = lacks.count([])
        project.missing_counts = dict(counter.most_common())
        project.calculated_at = timezone.now()
        project.save()


def _products_of(project):
    return Product.objects.filter(family=project.family_id)


def _locked(project):
    """Load the project anew, and keep a second calculation of it waiting."""
    found = Project.objects.select_for_update().filter(pk=project.pk).first()
    if found is None:
        raise JobFailed(_("The project “%s” does not exist any more.") % project)
    return found


def _measure(project, product, required):
    missing = missing_attributes(product, required)
    return ProductCompleteness(
        project=project,
        product=product,
        required_count=len(required),
        missing=missing,
        missing_count=len(missing),
    )
