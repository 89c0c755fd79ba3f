"""Rules: fill what is empty, each product by the rules of its family in their order."""

from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep
from akeneo_jobs.io import read_queryset

from .models import Product, Rule


class RunRules(ItemStep):
    """Fills each chunk of products behind a lock."""

    name = "run"
    label = gettext_lazy("Run the rules")

    def read(self, context):
        self.rules = defaultdict(list)  # By the primary key of their family, in their order.
        for rule in _chosen_rules(context):
            self.rules[rule.family_id].append(rule)
        products = Product.objects.filter(family__in=self.rules)
        if context.checkpoint is None:  # Else it is said already.
            self._warn_of_idle_rules(products, context)
        return read_queryset(products.values_list("pk", flat=True))

    def write(self, pks, context):
        filled = []
        for product in Product.objects.locked(pk__in=pks):
            changes = {}
            for rule in self.rules.get(product.family_id, ()):  # It may have moved meanwhile.
                old = product.values.get(rule.attribute)
                is_filled = rule.fill(product)
                _count(context, rule, "updated" if is_filled else "unchanged")
                if is_filled:
                    changes[rule.attribute] = (old, rule.value)
            if changes:
                context.preview("updated", product, changes)
                filled.append(product)
        Product.objects.bulk_update(filled, ["values"])

    def _warn_of_idle_rules(self, products, context):
        families = set(products.order_by().values_list("family", flat=True).distinct())
        for rule in (rule for rules in self.rules.values() for rule in rules):
            if rule.family_id not in families:
                reason = _("The rule has nothing to do: no product is in the family “%s”.")
                context.warn(reason % rule.family, item=rule, code="no_products")


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
