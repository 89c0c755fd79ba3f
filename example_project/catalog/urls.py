from django.urls import path

from . import views

app_name = "catalog"
urlpatterns = [
    path("products/", views.ProductList.as_view(), name="products"),
    path("products/<int:pk>/", views.ProductPage.as_view(), name="product"),
    path("categories/", views.CategoryTree.as_view(), name="categories"),
    path("categories/<int:pk>/", views.CategoryPage.as_view(), name="category"),
    path("families/", views.FamilyList.as_view(), name="families"),
]
