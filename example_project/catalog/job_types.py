"""The operations of the catalog that take too long for a request."""

from django.utils.translation import gettext_lazy as _

from akeneo_jobs import JobType, Kind, Step, register
from akeneo_jobs.io import CsvWriter, XlsxWriter, read_csv, read_xlsx

from . import forms
from .categories import import_categories
from .edits import EditProducts
from .exports import chosen_products, columns_of, export_products
from .mapping import parse_mapping
from .products import import_products
from .projects import MeasureProducts, SummariseProject
from .rules import RunRules


def open_csv(parameters):
    return read_csv(
        parameters["file"], delimiter=parameters["delimiter"], encoding=parameters["encoding"]
    )


def open_xlsx(parameters):
    return read_xlsx(parameters["file"], sheet=parameters["sheet"] or None)


class ImportProducts(Step):
    name = "import"
    label = _("Import")

    def run(self, context):
        parameters = context.parameters
        mapping = parse_mapping(parameters["mapping"])
        import_products(context, self.rows(parameters), mapping, parameters["create_missing"])


class ImportCsvProducts(ImportProducts):
    rows = staticmethod(open_csv)


class ImportXlsxProducts(ImportProducts):
    rows = staticmethod(open_xlsx)


class ImportCsvCategories(Step):
    name = "import"
    label = _("Import")

    def run(self, context):
        import_categories(context, open_csv(context.parameters))


class ImportXlsxCategories(Step):
    name = "import"
    label = _("Import")

    def run(self, context):
        import_categories(context, open_xlsx(context.parameters))


class ExportCsvProducts(Step):
    name = "export"
    label = _("Export")

    def run(self, context):
        products, delimiter = chosen_products(context.parameters), context.parameters["delimiter"]
        with (
            context.open_output("products.csv") as file,
            CsvWriter(file, columns_of(products), delimiter) as writer,
        ):
            export_products(context, products, writer)


class ExportXlsxProducts(Step):
    name = "export"
    label = _("Export")

    def run(self, context):
        products = chosen_products(context.parameters)
        with (
            context.open_output("products.xlsx") as file,
            XlsxWriter(file, columns_of(products)) as writer,
        ):
            export_products(context, products, writer)


@register
class CsvProductImport(JobType):
    code = "csv_product_import"
    label = _("Product import in CSV")
    kind = Kind.IMPORT
    steps = [ImportCsvProducts]
    parameters_form = forms.CsvProductImportForm


@register
class XlsxProductImport(JobType):
    code = "xlsx_product_import"
    label = _("Product import in XLSX")
    kind = Kind.IMPORT
    steps = [ImportXlsxProducts]
    parameters_form = forms.XlsxProductImportForm


@register
class CsvCategoryImport(JobType):
    code = "csv_category_import"
    label = _("Category import in CSV")
    kind = Kind.IMPORT
    steps = [ImportCsvCategories]
    parameters_form = forms.CsvCategoryImportForm


@register
class XlsxCategoryImport(JobType):
    code = "xlsx_category_import"
    label = _("Category import in XLSX")
    kind = Kind.IMPORT
    steps = [ImportXlsxCategories]
    parameters_form = forms.XlsxImportForm


@register
class CsvProductExport(JobType):
    code = "csv_product_export"
    label = _("Product export in CSV")
    kind = Kind.EXPORT
    steps = [ExportCsvProducts]
    parameters_form = forms.CsvProductExportForm


@register
class XlsxProductExport(JobType):
    code = "xlsx_product_export"
    label = _("Product export in XLSX")
    kind = Kind.EXPORT
    steps = [ExportXlsxProducts]
    parameters_form = forms.XlsxProductExportForm


@register
class ProductEdit(JobType):
    code = "edit_products"
    label = _("Edit products")
    kind = Kind.MASS_EDIT
    steps = [EditProducts]
    parameters_form = forms.EditProductsForm


@register
class RuleRun(JobType):
    code = "run_rules"
    label = _("Catalog rules")
    kind = Kind.RULE
    steps = [RunRules]
    parameters_form = forms.RunRulesForm


@register
class ProjectCalculation(JobType):
    code = "calculate_project"
    label = _("Completeness")
    kind = Kind.PROJECT
    steps = [MeasureProducts, SummariseProject]
    parameters_form = forms.CalculateProjectForm
