"""The pages of the catalog, for whoever is logged in."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count, Q
from django.views.generic import DetailView, ListView

from .models import Category, Family, Product


class ProductList(LoginRequiredMixin, ListView):
    queryset = Product.objects.select_related("family").defer("values")
    template_name = "catalog/products.html"
    paginate_by = 50

    def get_queryset(self):
        products = super().get_queryset()
        search, family = self.request.GET.get("search"), self.request.GET.get("family", "")
        if search:
            products = products.filter(Q(sku__icontains=search) | Q(name__icontains=search))
        return products.filter(family=family) if family.isdecimal() else products

    def get_context_data(self, **kwargs):
        return super().get_context_data(families=Family.objects.all(), **kwargs)


class ProductPage(LoginRequiredMixin, DetailView):
    queryset = Product.objects.select_related("family")
    template_name = "catalog/product.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(value_list=sorted(self.object.values.items()), **kwargs)


class CategoryTree(LoginRequiredMixin, ListView):
    """The top of the tree; each category opens on its own page."""

    queryset = Category.objects.filter(parent=None).annotate(child_count=Count("children"))
    template_name = "catalog/categories.html"


class CategoryPage(LoginRequiredMixin, DetailView):
    queryset = Category.objects.select_related("parent")
    template_name = "catalog/category.html"

    def get_context_data(self, **kwargs):
        children = self.object.children.annotate(child_count=Count("children"))
        products = self.object.products.all()
        return super().get_context_data(
            category_list=children,
            product_count=products.count(),
            product_list=products.defer("values")[:50],
            **kwargs,
        )


class FamilyList(LoginRequiredMixin, ListView):
    queryset = Family.objects.annotate(product_count=Count("product"))
    template_name = "catalog/families.html"
