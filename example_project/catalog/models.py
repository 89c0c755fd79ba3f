"""The catalog: products, the family that says what they need, the categories they stand in."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Family(models.Model):
    code = models.CharField(_("code"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=255)
    required_attributes = models.JSONField(_("required attributes"), default=list, blank=True)

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('catalog:products')}?family={self.pk}"


class Category(models.Model):
    code = models.CharField(
        _("code"), max_length=255, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9_.-]+\Z")]
    )
    name = models.CharField(_("name"), max_length=255)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("catalog:category", args=[self.pk])


class Product(models.Model):
    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=255)
    family = models.ForeignKey(Family, models.SET_NULL, null=True, blank=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="products")
    price = models.DecimalField(
        _("price"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    values = models.JSONField(_("values"), default=dict, blank=True)  # Attribute → text.

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]

    def __str__(self):
        return f"{self.sku} {self.name}"

    def get_absolute_url(self):
        return reverse("catalog:product", args=[self.pk])
