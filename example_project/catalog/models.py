"""The catalog: products, what they need, where they stand, and what is done to them."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .mapping import check_attribute

check_code = RegexValidator(r"^[A-Za-z0-9_.-]+\Z")


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
    code = models.CharField(_("code"), max_length=255, unique=True, validators=[check_code])
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


class ProductQuerySet(models.QuerySet):
    def matching(self, search="", family=None):
        """Keep what the filter of the products page keeps."""
        text = search.replace("\0", "")
        found = self.filter(Q(sku__icontains=text) | Q(name__icontains=text)) if text else self
        return found.filter(family=family) if family else found

    def locked(self, **keys):
        """Keep others from changing these products until the transaction ends."""
        return self.filter(**keys).select_for_update()


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

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]

    def __str__(self):
        return f"{self.sku} {self.name}"

    def get_absolute_url(self):
        return reverse("catalog:product", args=[self.pk])


class Rule(models.Model):
    """When a product of the family has no such value, it gets this one."""

    code = models.CharField(_("code"), max_length=100, unique=True, validators=[check_code])
    label = models.CharField(_("label"), max_length=255)
    family = models.ForeignKey(
        Family, models.CASCADE, verbose_name=_("family"), related_name="rules"
    )
    attribute = models.CharField(_("attribute"), max_length=100, validators=[check_attribute])
    value = models.CharField(_("value"), max_length=255)
    position = models.PositiveIntegerField(_("position"), default=0)  # The lowest runs first.
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "code"]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return f"{reverse('catalog:rules')}#rule-{self.code}"

    def fill(self, product):
        """Give the product its value where it has none; say whether that was so."""
        if product.values.get(self.attribute):
            return False
        product.values[self.attribute] = self.value
        return True


class Project(models.Model):
    """Wants a family complete; keeps how far it was when last calculated."""

    code = models.CharField(_("code"), max_length=100, unique=True, validators=[check_code])
    label = models.CharField(_("label"), max_length=255)
    family = models.ForeignKey(
        Family, models.CASCADE, verbose_name=_("family"), related_name="projects"
    )
    calculated_at = models.DateTimeField(_("calculated at"), null=True, editable=False)
    product_count = models.PositiveIntegerField(_("products"), default=0, editable=False)
    complete_count = models.PositiveIntegerField(_("complete"), default=0, editable=False)
    missing_counts = models.JSONField(default=dict, editable=False)  # Attribute → products.

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["label", "code"]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("catalog:project", args=[self.code])

    @property
    def percent(self):
        """Rounded down, so that 100 means all; None where there is nothing to measure."""
        return 100 * self.complete_count // self.product_count if self.product_count else None

    @property
    def incomplete_count(self):
        return self.product_count - self.complete_count

    @property
    def gaps(self):
        """What most products lack comes first: pairs of attribute and number of products."""
        return sorted(self.missing_counts.items(), key=lambda gap: (-gap[1], gap[0]))


class ProductCompleteness(models.Model):
    """What one product lacks for a project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    required_count = models.PositiveIntegerField()
    missing = models.JSONField(default=list)  # Attributes.
    missing_count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("product completeness")
        verbose_name_plural = _("product completeness")
        ordering = ["-missing_count", "product__sku"]
        constraints = [
            models.UniqueConstraint(fields=["project", "product"], name="catalog_measured_once")
        ]

    def __str__(self):
        return f"{self.product_id}: {self.missing_count} of {self.required_count} missing"
