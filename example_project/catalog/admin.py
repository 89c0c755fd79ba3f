from django.contrib import admin

from .models import Category, Family, Product, Project, Rule


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


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):
    list_display = ["code", "label", "family", "attribute", "value", "position", "enabled"]
    list_editable = ["position", "enabled"]
    list_filter = ["enabled", "family"]
    list_select_related = ["family"]
    search_fields = ["code", "label"]
    autocomplete_fields = ["family"]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["code", "label", "family", "calculated_at"]
    list_select_related = ["family"]
    search_fields = ["code", "label"]
    autocomplete_fields = ["family"]
    readonly_fields = ["calculated_at", "product_count", "complete_count"]
