"""The page of the rules."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import redirect
from django.views import View
from django.views.generic import ListView

from ..models import Rule
from .launches import last_execution, launch


class RuleList(LoginRequiredMixin, ListView):
    queryset = Rule.objects.select_related("family")
    template_name = "catalog/rules.html"

    def get_context_data(self, **kwargs):
        last = last_execution(self.request.user, "run_rules")
        has_enabled = any(rule.enabled for rule in self.object_list)
        return super().get_context_data(execution=last, has_enabled=has_enabled, **kwargs)


class RunRules(LoginRequiredMixin, View):
    """POST runs one rule, or all that are enabled."""

    def post(self, request):
        launch(request, "run_rules", {"rule": request.POST.get("rule", "")})
        return redirect("catalog:rules")
