"""The parameters of the catalog's job types."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .drafts import VALUE_LIMIT
from .edits import Action, Selection
from .mapping import check_attribute, parse_mapping
from .models import Category, Family, Project, Rule

FOUND = ("", _("Found in the file"))
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
CHOSEN_LIMIT = 1000  # Products named one by one; a filter selects any number.
ACTION_FIELDS = {  # What belongs to an action; it cannot be without the first.
    Action.SET_FAMILY: ["new_family"],
    Action.ADD_TO_CATEGORY: ["category"],
    Action.SET_VALUE: ["attribute", "value"],
}


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"))


class CsvForm(forms.Form):
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, initial=",")


class CsvImportForm(ImportForm):
    delimiter = forms.ChoiceField(
        label=_("Delimiter"), choices=[*DELIMITERS, FOUND], initial=",", required=False
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"), choices=[*ENCODINGS, FOUND], initial="utf-8", required=False
    )


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


class JsonProductImportForm(ProductImportForm, ImportForm):
    pass


class CsvCategoryImportForm(CsvImportForm):
    delimiter = forms.ChoiceField(
        label=_("Delimiter"), choices=[*DELIMITERS, FOUND], initial=";", required=False
    )


class XlsxProductExportForm(forms.Form):
    family = forms.ModelChoiceField(
        Family.objects.all(),
        label=_("Family"),
        required=False,
        empty_label=pgettext_lazy("families", "All"),
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=_("Category"),
        required=False,
        empty_label=pgettext_lazy("families", "All"),
    )
    enabled_only = forms.BooleanField(label=_("Enabled products only"), required=False)


class CsvProductExportForm(XlsxProductExportForm, CsvForm):
    pass


class LinesInput(forms.Textarea):
    """A text of lines, or the same name sent once per line."""

    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)


class SkuListField(forms.CharField):
    widget = LinesInput

    def clean(self, value):
        text = super().clean(self.prepare_value(value))
        skus = dict.fromkeys(line.strip() for line in text.split("\n"))
        skus.pop("", None)
        if len(skus) > CHOSEN_LIMIT:
            reason = _("Choose %d products at most, or all that match a filter.") % CHOSEN_LIMIT
            raise ValidationError(reason)
        return list(skus)

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else value


class SelectionForm(forms.Form):
    """Which products: named one by one, or all that match the filter of the products page."""

    selection = forms.ChoiceField(
        label=_("Products"), choices=Selection.choices, initial=Selection.CHOSEN
    )
    skus = SkuListField(label=_("These products"), required=False, help_text=_("One SKU per line."))
    search = forms.CharField(
        label=_("Filter: search"), required=False, help_text=_("In the SKU or the name.")
    )
    family = forms.ModelChoiceField(
        Family.objects.all(),
        label=_("Filter: family"),
        required=False,
        empty_label=pgettext_lazy("families", "All"),
    )

    def clean(self):
        data = super().clean()
        if data.get("selection") == Selection.CHOSEN:
            self.forget("search", "family")
            if "skus" in data and not data["skus"]:
                self.add_error("skus", _("Select at least one product."))
        elif data.get("selection") == Selection.MATCHING:
            self.forget("skus")
        return data

    def forget(self, *names):
        """Empty fields that do not matter, right or wrong."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = self.fields[name].clean("")


class EditProductsForm(SelectionForm):
    action = forms.ChoiceField(label=pgettext_lazy("mass edit", "Change"), choices=Action.choices)
    new_family = forms.ModelChoiceField(
        Family.objects.all(), label=_("New family"), required=False, empty_label=_("Choose one")
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("Choose one")
    )
    attribute = forms.CharField(
        label=_("Attribute"), required=False, max_length=100, validators=[check_attribute]
    )
    value = forms.CharField(
        label=_("Value"),
        required=False,
        max_length=VALUE_LIMIT,
        help_text=_("Leave it empty to remove the value."),
    )

    def clean(self):
        data = super().clean()
        own = ACTION_FIELDS.get(data.get("action"), [])
        self.forget(*(name for names in ACTION_FIELDS.values() for name in names if names != own))
        if own and own[0] in data and not data[own[0]]:
            self.add_error(own[0], _("The change needs this."))
        return data


class RunRulesForm(forms.Form):
    rule = forms.ModelChoiceField(
        Rule.objects.select_related("family"),
        label=_("Rule"),
        required=False,
        empty_label=_("All that are enabled"),
    )

    def clean_rule(self):
        rule = self.cleaned_data["rule"]
        if rule and not rule.enabled:
            raise ValidationError(_("This rule is disabled. Enable it first."))
        if not rule and not Rule.objects.filter(enabled=True).exists():
            raise ValidationError(_("No rule is enabled."))
        return rule


class CalculateProjectForm(forms.Form):
    project = forms.ModelChoiceField(
        Project.objects.select_related("family"), label=_("Project"), empty_label=_("Choose one")
    )
