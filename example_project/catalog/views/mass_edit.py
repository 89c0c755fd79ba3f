"""Mass edit: what to change on the products selected on the products page."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView

from akeneo_jobs import actions

from ..edits import selected_products
from ..forms import EditProductsForm, SelectionForm

SHOWN = 5  # Products named on the page.


class MassEdit(LoginRequiredMixin, FormView):
    """GET brings the selection and shows the changes, POST launches one."""

    form_class = EditProductsForm
    template_name = "catalog/mass_edit.html"

    def get(self, request):
        selection = SelectionForm(request.GET)
        if selection.is_valid():
            return self.render_to_response(self.get_context_data(selection=selection))
        for error in selection.errors.values():
            messages.error(request, error[0])
        return redirect(self.get_success_url())

    def get_initial(self):
        return self.request.GET.dict() | {"skus": self.request.GET.getlist("skus")}

    def form_valid(self, form):
        try:
            actions.launch("edit_products", parameters=form.cleaned_data, request=self.request)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        return super().form_valid(form)

    def form_invalid(self, form):
        selection = SelectionForm(self.request.POST)
        if not selection.is_valid():
            messages.error(self.request, next(iter(selection.errors.values()))[0])
            return redirect(self.get_success_url())
        context = self.get_context_data(form=form, selection=selection)
        return self.render_to_response(context, status=422)

    def get_success_url(self):
        """Return to the products page as it was."""
        sent = self.request.POST or self.request.GET
        kept = {name: sent[name] for name in ("search", "family", "page") if sent.get(name)}
        return reverse("catalog:products") + (f"?{urlencode(kept)}" if kept else "")

    def get_context_data(self, *, selection, **kwargs):
        products = selected_products(selection.cleaned_data)
        return super().get_context_data(
            selected=selection.cleaned_data,
            product_count=products.count(),
            shown_products=products[:SHOWN],
            back=self.get_success_url(),
            page=(self.request.POST or self.request.GET).get("page", ""),
            **kwargs,
        )
