from django.urls import path

from .views import mass_edit, pages, projects, rules

app_name = "catalog"
urlpatterns = [
    path("", pages.CatalogHome.as_view(), name="home"),
    path("products/", pages.ProductList.as_view(), name="products"),
    path("products/edit/", mass_edit.MassEdit.as_view(), name="mass_edit"),
    path("products/<int:pk>/", pages.ProductPage.as_view(), name="product"),
    path("categories/", pages.CategoryTree.as_view(), name="categories"),
    path("categories/<int:pk>/", pages.CategoryPage.as_view(), name="category"),
    path("families/", pages.FamilyList.as_view(), name="families"),
    path("rules/", rules.RuleList.as_view(), name="rules"),
    path("rules/run/", rules.RunRules.as_view(), name="run_rules"),
    path("projects/", projects.ProjectList.as_view(), name="projects"),
    path("projects/<str:code>/", projects.ProjectPage.as_view(), name="project"),
    path("projects/<str:code>/calculate/", projects.CalculateProject.as_view(), name="calculate"),
]
