from django.contrib import admin

from .models import Category, Family, Product


@admin.register(Family)
class FamilyAdmin(admin.ModelAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "family", "price", "enabled"]
    list_filter = ["enabled", "family"]
    list_select_related = ["family"]
    search_fields = ["sku", "name"]
    autocomplete_fields = ["family", "categories"]
