"""What a product lacks of what its family requires."""

FIELDS = {  # What is required may be one of these fields; all else is a free value.
    "sku": lambda product: product.sku,
    "name": lambda product: product.name,
    "price": lambda product: product.price is not None,
    "categories": lambda product: product.categories.all(),
}


def missing_attributes(product, required):
    """List the required attributes that the product does not have, in their order."""
    return [name for name in required if not _has(product, name)]


def _has(product, name):
    return FIELDS[name](product) if name in FIELDS else product.values.get(name)
