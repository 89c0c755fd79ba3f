"""Mass edit: the same change to many products."""

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemRefused, ItemStep
from akeneo_jobs.io import read_queryset

from .completeness import missing_attributes
from .models import Product


class Selection(TextChoices):
    CHOSEN = "chosen", gettext_lazy("These products")
    MATCHING = "matching", gettext_lazy("All products that match the filter")


class Action(TextChoices):
    SET_FAMILY = "set_family", gettext_lazy("Set the family")
    ADD_TO_CATEGORY = "add_to_category", gettext_lazy("Add to a category")
    ENABLE = "enable", gettext_lazy("Enable")
    DISABLE = "disable", gettext_lazy("Disable")
    SET_VALUE = "set_value", gettext_lazy("Change a value")


class EditProducts(ItemStep):
    """Changes each chunk of products behind a lock, so that no other change is lost."""

    name = "edit"
    label = gettext_lazy("Edit")

    def read(self, context):
        parameters = context.parameters
        self.change = CHANGES[parameters["action"]](parameters)
        products = self.change.load(selected_products(parameters))
        if parameters["selection"] == Selection.MATCHING:
            return read_queryset(products)
        found = {product.sku: product for product in products}
        return [found.get(sku, {"sku": sku}) for sku in parameters["skus"]]

    def process(self, product, context):
        if isinstance(product, dict):
            raise _deleted(product["sku"])
        self.change.check(product)
        return product

    def write(self, products, context):
        locked = Product.objects.locked(pk__in=[product.pk for product in products])
        present = self.change.load(locked).in_bulk()
        changed = []
        for product in products:
            if product.pk not in present:
                raise _deleted(product.sku)
            product = present[product.pk]
            self.change.check(product)
            difference = self.change.apply(product)
            context.count("updated" if difference else "unchanged")
            if difference:
                context.preview("updated", product, difference)
                changed.append(product)
        self.change.save(changed)


class SetColumn:
    """Gives one column of every product the same value."""

    def __init__(self, field, value):
        self.field = field
        self.value = value

    def check(self, product):
        """Raise `ItemRefused` if the product cannot be changed."""

    def load(self, products):
        """Add to a queryset of products what the change needs of them."""
        return products

    def apply(self, product):
        """Change the product in memory; return what was changed, field → (old, new)."""
        old = getattr(product, self.field)
        setattr(product, self.field, self.value)
        return {} if old == self.value else {self.field: (old, self.value)}

    def save(self, products):
        rows = Product.objects.filter(pk__in=[product.pk for product in products])
        rows.update(**{self.field: self.value})


class SetFamily(SetColumn):
    def __init__(self, family):
        super().__init__("family", family)

    def load(self, products):
        return products.prefetch_related("family")


class Enable(SetColumn):
    """Leaves out what lacks something that its family requires."""

    def __init__(self):
        super().__init__("enabled", True)

    def check(self, product):
        required = product.family.required_attributes if product.family else []
        missing = missing_attributes(product, required)
        if missing and not product.enabled:
            raise ItemRefused(
                _("It is incomplete and stays disabled. Missing: %s.") % ", ".join(missing),
                code="incomplete",
                field=missing[0],
            )

    def load(self, products):
        return products.prefetch_related("family", "categories")


class AddToCategory(SetColumn):
    def __init__(self, category):
        super().__init__("categories", category)

    def load(self, products):
        return products.prefetch_related("categories")

    def apply(self, product):
        present = list(product.categories.all())
        if self.value in present:
            return {}
        return {"categories": (_codes(present), _codes([*present, self.value]))}

    def save(self, products):
        self.value.products.add(*products)


class SetValue(SetColumn):
    """Gives a free attribute its value; an empty one removes it."""

    def __init__(self, attribute, value):
        super().__init__(attribute, value)

    def apply(self, product):
        old = product.values.pop(self.field, "")
        if self.value:
            product.values[self.field] = self.value
        return {} if old == self.value else {self.field: (old, self.value)}

    def save(self, products):
        Product.objects.bulk_update(products, ["values"])


CHANGES = {
    Action.SET_FAMILY: lambda parameters: SetFamily(parameters["new_family"]),
    Action.ADD_TO_CATEGORY: lambda parameters: AddToCategory(parameters["category"]),
    Action.ENABLE: lambda parameters: Enable(),
    Action.DISABLE: lambda parameters: SetColumn("enabled", False),
    Action.SET_VALUE: lambda parameters: SetValue(parameters["attribute"], parameters["value"]),
}


def selected_products(parameters):
    """Return the products that are selected and still there."""
    if parameters["selection"] == Selection.CHOSEN:
        return Product.objects.filter(sku__in=parameters["skus"])
    return Product.objects.matching(parameters["search"], parameters["family"])


def _codes(categories):
    return ",".join(sorted(category.code for category in categories))


def _deleted(sku):
    return ItemRefused(_("The product “%s” does not exist any more.") % sku, code="deleted")
