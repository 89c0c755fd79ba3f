"""The pages of the catalog, for whoever is logged in."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count
from django.views.generic import DetailView, ListView, TemplateView

from ..models import Category, Family, Product, Project, Rule

KEY_LENGTH = 18  # Digits that fit into a primary key.


class Dashboard(LoginRequiredMixin, TemplateView):
    template_name = "home.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(project_list=Project.objects.all(), **kwargs)


class CatalogHome(LoginRequiredMixin, TemplateView):
    template_name = "catalog/home.html"

    def get_context_data(self, **kwargs):
        models = {"product": Product, "category": Category, "family": Family}
        models |= {"rule": Rule, "project": Project}
        counts = {f"{name}_count": model.objects.count() for name, model in models.items()}
        return super().get_context_data(**counts, **kwargs)


class ProductList(LoginRequiredMixin, ListView):
    queryset = Product.objects.select_related("family").defer("values")
    template_name = "catalog/products.html"
    paginate_by = 50

    def get_queryset(self):
        search, family = self.request.GET.get("search", ""), self.request.GET.get("family", "")
        is_key = family.isdecimal() and len(family) <= KEY_LENGTH
        return super().get_queryset().matching(search, family if is_key else None)

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
