"""Mass edit: the same change to many products."""

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akeneo_jobs import ItemStep

from .completeness import missing_attributes
from .faults import RowFault
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
        return list(enumerate(selected_skus(context.parameters), start=1))

    def write(self, places, context):
        change = CHANGES[context.parameters["action"]](context.parameters)
        found = Product.objects.locked(sku__in=[sku for _position, sku in places])
        products = {p.sku: p for p in found.prefetch_related("family", "categories")}
        changed = []
        for position, sku in places:
            product = products.get(sku)
            try:
                is_changed = _edit(product, sku, change)
            except RowFault as fault:
                _skip(context, product or {"sku": sku}, position, fault)
                continue
            context.count("updated" if is_changed else "unchanged")
            if is_changed:
                changed.append(product)
        change.save(changed)


class SetColumn:
    """Gives one column of every product the same value."""

    def __init__(self, column, value):
        self.column = column
        self.value = value

    def apply(self, product):
        """Change the product in memory; say whether it was anything else before."""
        if getattr(product, self.column) == self.value:
            return False
        setattr(product, self.column, self.value)
        return True

    def save(self, products):
        Product.objects.bulk_update(products, [self.column])


class Enable(SetColumn):
    """Leaves out what lacks something that its family requires."""

    def __init__(self):
        super().__init__("enabled", True)

    def apply(self, product):
        required = product.family.required_attributes if product.family else []
        missing = missing_attributes(product, required)
        if missing and not product.enabled:
            raise RowFault(
                _("It is incomplete and stays disabled. Missing: %s.") % ", ".join(missing),
                code="incomplete",
                field=missing[0],
            )
        return super().apply(product)


class AddToCategory:
    def __init__(self, category):
        self.category = category

    def apply(self, product):
        return self.category not in product.categories.all()

    def save(self, products):
        self.category.products.add(*products)


class SetValue(SetColumn):
    """Gives a free attribute its value; an empty one removes it."""

    def __init__(self, attribute, value):
        super().__init__("values", value)
        self.attribute = attribute

    def apply(self, product):
        if product.values.get(self.attribute, "") == self.value:
            return False
        product.values[self.attribute] = self.value
        if not self.value:
            del product.values[self.attribute]
        return True


CHANGES = {
    Action.SET_FAMILY: lambda parameters: SetColumn("family_id", parameters["new_family"].pk),
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


def selected_skus(parameters):
    """List what was selected: as it was chosen, or what matches now."""
    if parameters["selection"] == Selection.CHOSEN:
        return parameters["skus"]
    return list(selected_products(parameters).values_list("sku", flat=True))


def _edit(product, sku, change):
    if product is None:
        raise RowFault(_("The product “%s” does not exist any more.") % sku, code="deleted")
    return change.apply(product)


def _skip(context, item, position, fault):
    context.count("skipped")
    context.warn(str(fault), item=item, position=position, field=fault.field, code=fault.code)
