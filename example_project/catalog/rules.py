"""Rules: fill what is empty, rule by rule, in their order."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep

from .models import Product, Rule


class RunRules(ItemStep):
    """Applies each rule to each product of its family, behind a lock."""

    name = "run"
    label = gettext_lazy("Run the rules")

    def read(self, context):
        pairs = []
        for rule in _chosen_rules(context):
            products = Product.objects.filter(family=rule.family_id).values_list("pk", flat=True)
            if not products:
                reason = _("The rule has nothing to do: no product is in the family “%s”.")
                context.warn(reason % rule.family, item=rule, code="no_products")
            pairs += [(rule, pk) for pk in products]
        return pairs

    def write(self, pairs, context):
        products = Product.objects.locked(pk__in={pk for _rule, pk in pairs}).in_bulk()
        filled = {}
        for rule, pk in pairs:
            product = products.get(pk)
            if product is None or product.family_id != rule.family_id:
                continue  # Deleted or moved since the rule was read.
            is_filled = rule.fill(product)
            _count(context, rule, "updated" if is_filled else "unchanged")
            if is_filled:
                filled[pk] = product
        Product.objects.bulk_update(filled.values(), ["values"])


def _chosen_rules(context):
    """Return the rule that the person chose, or all that are enabled."""
    if context.parameters["rule"]:
        return [context.parameters["rule"]]
    for rule in Rule.objects.filter(enabled=False):
        context.log.info(_("The rule “%s” is disabled and was left out."), rule)
    return Rule.objects.filter(enabled=True).select_related("family")


def _count(context, rule, outcome):
    context.count(outcome)
    context.count(f"{rule.code}_{outcome}")
