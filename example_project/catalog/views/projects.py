"""The pages of the projects."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import ListView

from ..models import Project
from .launches import last_execution, launch


class ProjectList(LoginRequiredMixin, ListView):
    queryset = Project.objects.select_related("family")
    template_name = "catalog/projects.html"


class ProjectPage(LoginRequiredMixin, ListView):
    """The result of one project, and what is incomplete."""

    template_name = "catalog/project.html"
    context_object_name = "incomplete"
    paginate_by = 50

    def get_queryset(self):
        projects = Project.objects.select_related("family")
        self.project = get_object_or_404(projects, code=self.kwargs["code"].replace("\0", ""))
        return self.project.products.filter(missing_count__gt=0).select_related("product")

    def get_context_data(self, **kwargs):
        last = last_execution(self.request.user, "calculate_project", project=self.project.pk)
        return super().get_context_data(project=self.project, execution=last, **kwargs)


class CalculateProject(LoginRequiredMixin, View):
    """POST calculates the project anew."""

    def post(self, request, code):
        project = get_object_or_404(Project, code=code.replace("\0", ""))
        launch(request, "calculate_project", {"project": project.pk})
        return redirect(project)
