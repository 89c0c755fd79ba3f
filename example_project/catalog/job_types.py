"""The operations of the catalog that take too long for a request."""

from django.utils.translation import gettext_lazy as _

from akeneo_jobs import JobType, Kind, register

from . import forms
from .categories import ImportCsvCategories, ImportXlsxCategories
from .edits import EditProducts
from .exports import ExportCsvProducts, ExportXlsxProducts
from .products import ImportCsvProducts, ImportJsonProducts, ImportXlsxProducts
from .projects import MeasureProducts, SummariseProject
from .rules import RunRules


@register
class CsvProductImport(JobType):
    code = "csv_product_import"
    label = _("Product import in CSV")
    kind = Kind.IMPORT
    steps = [ImportCsvProducts]
    parameters_form = forms.CsvProductImportForm
    is_restartable = True
    can_dry_run = True


@register
class XlsxProductImport(JobType):
    code = "xlsx_product_import"
    label = _("Product import in XLSX")
    kind = Kind.IMPORT
    steps = [ImportXlsxProducts]
    parameters_form = forms.XlsxProductImportForm
    is_restartable = True
    can_dry_run = True


@register
class JsonProductImport(JobType):
    code = "jsonl_product_import"
    label = _("Product import in JSON lines")
    kind = Kind.IMPORT
    steps = [ImportJsonProducts]
    parameters_form = forms.JsonProductImportForm
    is_restartable = True
    can_dry_run = True


@register
class CsvCategoryImport(JobType):
    code = "csv_category_import"
    label = _("Category import in CSV")
    kind = Kind.IMPORT
    steps = [ImportCsvCategories]
    parameters_form = forms.CsvCategoryImportForm
    is_restartable = True
    can_dry_run = True


@register
class XlsxCategoryImport(JobType):
    code = "xlsx_category_import"
    label = _("Category import in XLSX")
    kind = Kind.IMPORT
    steps = [ImportXlsxCategories]
    parameters_form = forms.XlsxImportForm
    is_restartable = True
    can_dry_run = True


@register
class CsvProductExport(JobType):
    code = "csv_product_export"
    label = _("Product export in CSV")
    kind = Kind.EXPORT
    steps = [ExportCsvProducts]
    parameters_form = forms.CsvProductExportForm
    is_restartable = True


@register
class XlsxProductExport(JobType):
    code = "xlsx_product_export"
    label = _("Product export in XLSX")
    kind = Kind.EXPORT
    steps = [ExportXlsxProducts]
    parameters_form = forms.XlsxProductExportForm
    is_restartable = True


@register
class ProductEdit(JobType):
    code = "edit_products"
    label = _("Edit products")
    kind = Kind.MASS_EDIT
    steps = [EditProducts]
    parameters_form = forms.EditProductsForm
    is_restartable = True
    can_dry_run = True


@register
class RuleRun(JobType):
    code = "run_rules"
    label = _("Catalog rules")
    kind = Kind.RULE
    steps = [RunRules]
    parameters_form = forms.RunRulesForm
    is_restartable = True
    can_dry_run = True


@register
class ProjectCalculation(JobType):
    code = "calculate_project"
    label = _("Completeness")
    kind = Kind.PROJECT
    steps = [MeasureProducts, SummariseProject]
    parameters_form = forms.CalculateProjectForm
    is_restartable = True
