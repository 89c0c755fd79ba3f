"""The parameters of the catalog's job types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .mapping import parse_mapping
from .models import Category, Family

DELIMITERS = [
    (",", _("Comma (,)")),
    (";", _("Semicolon (;)")),
    ("\t", _("Tab")),
    ("|", _("Bar (|)")),
]
ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Windows-1252"),
    ("latin-1", "Latin-1"),
]


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"))


class CsvForm(forms.Form):
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, initial=",")


class CsvImportForm(CsvForm, ImportForm):
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, initial="utf-8")


class XlsxImportForm(ImportForm):
    sheet = forms.CharField(
        label=_("Sheet"), required=False, help_text=_("The first one, unless you name another.")
    )


class ProductImportForm(forms.Form):
    mapping = forms.CharField(
        label=_("Column mapping"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One “column = field” per line. Fields: sku, name, family, categories, price, "
            "enabled, attributes, values.NAME; “-” leaves a column out."
        ),
    )
    create_missing = forms.BooleanField(
        label=_("Create missing families and categories"), required=False, initial=True
    )

    def clean_mapping(self):
        text = self.cleaned_data["mapping"]
        parse_mapping(text)
        return text


class CsvProductImportForm(ProductImportForm, CsvImportForm):
    pass


class XlsxProductImportForm(ProductImportForm, XlsxImportForm):
    pass


class CsvCategoryImportForm(CsvImportForm):
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, initial=";")


class XlsxProductExportForm(forms.Form):
    family = forms.ModelChoiceField(
        Family.objects.all(), label=_("Family"), required=False, empty_label=_("All")
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("All")
    )
    enabled_only = forms.BooleanField(label=_("Enabled products only"), required=False)


class CsvProductExportForm(XlsxProductExportForm, CsvForm):
    pass
