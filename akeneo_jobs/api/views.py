"""The API's doors: find, call one action, answer."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from akeneo_jobs import actions, parameters, registry
from akeneo_jobs.api.errors import answered
from akeneo_jobs.api.pagination import KeysetPagination
from akeneo_jobs.api.serializers import (
    JobExecutionDetailSerializer,
    JobExecutionSerializer,
    JobFileSerializer,
    JobTypeSerializer,
    StepWarningSerializer,
)
from akeneo_jobs.downloads import file_response
from akeneo_jobs.filters import JobExecutionFilterSet
from akeneo_jobs.models import JobExecution, StepWarning
from akeneo_jobs.permissions import get_policy, launchable_by


class JobExecutionViewSet(viewsets.ReadOnlyModelViewSet):
    """One's own operations; one report by its URL."""

    permission_classes = [IsAuthenticated]
    pagination_class = KeysetPagination
    filter_backends = [DjangoFilterBackend]
    filterset_class = JobExecutionFilterSet
    lookup_field = "uuid"
    lookup_value_converter = "uuid"

    def get_queryset(self):
        if self.action == "list":
            return JobExecution.objects.listed_for(self.request.user).for_list()
        viewable = JobExecution.objects.viewable_by(self.request.user)
        return viewable.select_related("user", "profile")

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_class(self):
        return JobExecutionSerializer if self.action == "list" else JobExecutionDetailSerializer

    @action(detail=True)
    def warnings(self, request, uuid):
        rows = StepWarning.objects.filter(step__execution=self.get_object())
        page = self.paginate_queryset(rows.select_related("step").order_by("pk"))
        return self.get_paginated_response(StepWarningSerializer(page, many=True).data)

    @action(detail=True)
    def files(self, request, uuid):
        execution = self._get_downloadable()
        page = self.paginate_queryset(execution.files.order_by("created_at", "pk"))
        context = self.get_serializer_context() | {"uuid": execution.uuid}
        data = JobFileSerializer(page, many=True, context=context).data
        return self.get_paginated_response(data)

    @action(detail=True)
    def log(self, request, uuid):
        log = self._get_downloadable().log_file
        if log is None:
            raise exceptions.NotFound(_("This operation has no log."))
        return file_response(log)

    @action(detail=True, methods=["post"])
    def stop(self, request, uuid):
        execution = self.get_object()
        with answered():
            actions.stop(execution, request.user)
        return Response(self.get_serializer(execution).data)

    def _get_downloadable(self):
        execution = self.get_object()
        if not get_policy().can_download(self.request.user, execution):
            message = _("You may read this report, but not download its files.")
            raise exceptions.PermissionDenied(message)
        return execution


class JobTypeViewSet(viewsets.ViewSet):
    """What the user may launch."""

    permission_classes = [IsAuthenticated]
    parser_classes = [JSONParser, MultiPartParser, FormParser]
    lookup_field = "code"

    def list(self, request):
        job_types = launchable_by(request.user, registry.all_job_types())
        data = JobTypeSerializer(job_types, many=True, context={"request": request}).data
        return Response({"next": None, "previous": None, "results": data})

    def retrieve(self, request, code):
        job_type = self._get_job_type(code)
        return Response(JobTypeSerializer(job_type, context={"request": request}).data)

    @action(detail=True, methods=["post"])
    def launch(self, request, code):
        """Launch with the parameters as JSON or as multipart with files."""
        job_type = self._get_job_type(code)
        with answered():
            values = parameters.values_from(job_type, request.data)
            execution = actions.launch(job_type, user=request.user, parameters=values)
        serializer = JobExecutionDetailSerializer(execution, context={"request": request})
        headers = {"Location": serializer.data["url"]}
        return Response(serializer.data, status=status.HTTP_201_CREATED, headers=headers)

    def _get_job_type(self, code):
        job_type = registry.find(code)
        if job_type is None or not job_type.is_visible:
            raise Http404
        if not get_policy().can_launch(self.request.user, job_type):
            raise exceptions.PermissionDenied(_("You may not launch this operation."))
        return job_type
