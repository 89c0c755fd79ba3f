"""One's own notifications: the page, the bell's piece, marking them read."""

from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import ListView, TemplateView

from akeneo_jobs import actions
from akeneo_jobs.conf import conf
from akeneo_jobs.models import Notification
from akeneo_jobs.views.access import PersonRequiredMixin


class OwnMixin(PersonRequiredMixin):
    def get_queryset(self):
        return Notification.objects.of(self.request.user).for_list()


class Notifications(OwnMixin, ListView):
    template_name = "akeneo_jobs/notifications.html"
    context_object_name = "notifications"

    def get_paginate_by(self, queryset):
        return conf.PAGE_SIZE

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            unread_count=self.get_queryset().unread().count(),
            refresh_seconds=conf.REFRESH_BELL,
            **kwargs,
        )


class Bell(PersonRequiredMixin, TemplateView):
    """The bell alone, for pages that refresh it."""

    template_name = "akeneo_jobs/bell.html"


class Read(OwnMixin, View):
    """Mark one as read and open its report, or stay where it was marked."""

    http_method_names = ["post"]

    def post(self, request, pk):
        notification = get_object_or_404(self.get_queryset(), pk=pk)
        actions.mark_read(self.get_queryset().filter(pk=pk))
        if "stay" in request.POST:
            return redirect("akeneo_jobs:notifications")
        return redirect(notification.execution)


class ReadAll(OwnMixin, View):
    http_method_names = ["post"]

    def post(self, request):
        actions.mark_read(self.get_queryset())
        return redirect("akeneo_jobs:notifications")
