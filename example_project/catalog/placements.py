"""In which categories products stand, changed for many of them at once."""

from collections import defaultdict

from .models import Product

Placement = Product.categories.through


class Placements:
    """The categories of some products as they are, and as they shall be."""

    def __init__(self, pks):
        self._present = defaultdict(dict)  # Product → code of the category → its row here.
        rows = Placement.objects.filter(product__in=pks)
        for pk, product, code in rows.values_list("pk", "product_id", "category__code"):
            self._present[product][code] = pk
        self._old, self._new = [], []

    def change(self, pk, codes, index):
        """Put a product into these categories; return what changes, (old, new), or None.

        `pk` is None for a new one, which has an `index` among the products to be saved.
        """
        present = self._present.get(pk, {})
        if present.keys() == codes:
            return None
        self._old += [row for code, row in present.items() if code not in codes]
        self._new += [(index, code) for code in codes if code not in present]
        return ",".join(sorted(present)), ",".join(sorted(codes))

    def save(self, products, categories):
        """Write the changes; `products` are primary keys by index, `categories` by code."""
        if self._old:
            Placement.objects.filter(pk__in=self._old).delete()
        Placement.objects.bulk_create(
            [
                Placement(product_id=products[index], category_id=categories[code])
                for index, code in self._new
            ],
            ignore_conflicts=True,
        )
