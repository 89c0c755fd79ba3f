"""The API's doors: find, call one action, answer."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from akeneo_jobs import actions, parameters, profiles, registry, report
from akeneo_jobs.api.errors import answered
from akeneo_jobs.api.pagination import KeysetPagination, OffsetPagination
from akeneo_jobs.api.report_serializers import (
    JobExecutionDetailSerializer,
    JobFileSerializer,
    StepWarningSerializer,
)
from akeneo_jobs.api.serializers import (
    DryRunSerializer,
    JobExecutionSerializer,
    JobProfileSerializer,
    JobTypeSerializer,
    NotificationSerializer,
)
from akeneo_jobs.downloads import file_response
from akeneo_jobs.filters import JobExecutionFilterSet
from akeneo_jobs.models import JobExecution, JobProfile, Notification
from akeneo_jobs.permissions import get_policy, launchable_by

PARSERS = [JSONParser, MultiPartParser, FormParser]


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

    @action(detail=True, pagination_class=OffsetPagination)
    def warnings(self, request, uuid):
        cause = request.query_params.get("cause", "")
        rows = report.warnings_of(self.get_object(), cause)
        page = self.paginate_queryset(rows.order_by("pk"))
        return self.get_paginated_response(StepWarningSerializer(page, many=True).data)

    @action(detail=True)
    def files(self, request, uuid):
        execution = self._get_downloadable()
        page = self.paginate_queryset(execution.files.offered().order_by("created_at", "pk"))
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
        return self._act(actions.stop)

    @action(detail=True, methods=["post"])
    def pause(self, request, uuid):
        return self._act(actions.pause)

    @action(detail=True, methods=["post"])
    def resume(self, request, uuid):
        return self._act(actions.resume)

    @action(detail=True, methods=["post"])
    def relaunch(self, request, uuid):
        """Launch the same anew: 201 with the new execution."""
        return self._launch(actions.relaunch)

    @action(detail=True, methods=["post"], url_path="launch-for-real")
    def launch_for_real(self, request, uuid):
        """Launch what was tried in a dry run: 201 with the new execution."""
        return self._launch(actions.launch_for_real)

    @action(detail=True, methods=["post"], parser_classes=PARSERS)
    def repair(self, request, uuid):
        """Launch with the corrected rejects as `file`, in multipart: 201 with the new execution."""
        return self._launch(actions.repair, file=request.FILES.get("file"))

    def _launch(self, act, **options):
        execution = self.get_object()
        with answered():
            child = act(execution, self.request.user, **options)
        return launched(child, self.request)

    def _act(self, act):
        execution = self.get_object()
        with answered():
            act(execution, self.request.user)
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
    parser_classes = PARSERS
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
            options = launch_options(job_type, request)
            execution = actions.launch(job_type, **options)
        return launched(execution, request)

    def _get_job_type(self, code):
        job_type = registry.find(code)
        if job_type is None or not job_type.is_visible:
            raise Http404
        if not get_policy().can_launch(self.request.user, job_type):
            raise exceptions.PermissionDenied(_("You may not launch this operation."))
        return job_type


PROFILE_ACTS = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}


class JobProfileViewSet(viewsets.ModelViewSet):
    """Saved job types; launching one needs the permission of its job type only."""

    permission_classes = [IsAuthenticated]
    pagination_class = KeysetPagination
    parser_classes = PARSERS
    serializer_class = JobProfileSerializer
    queryset = JobProfile.objects.prefetch_related("notified_users").order_by("code")
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["kind", "job_type"]
    lookup_field = "code"
    lookup_value_converter = "slug"

    def check_permissions(self, request):
        super().check_permissions(request)
        if self.action in PROFILE_ACTS:
            profiles.check_permission(request.user, PROFILE_ACTS[self.action])

    def perform_create(self, serializer):
        self._save(JobProfile(), serializer)

    def perform_update(self, serializer):
        self._save(serializer.instance, serializer)

    def perform_destroy(self, profile):
        profiles.delete(profile, user=self.request.user)

    @action(detail=True, methods=["post"])
    def launch(self, request, code):
        """Launch with the profile's parameters, overridden by those sent."""
        profile = self.get_object()
        with answered():
            job_type = registry.get(profile.job_type)
            if not job_type.is_visible:
                raise exceptions.PermissionDenied(_("You may not launch this operation."))
            options = launch_options(job_type, request)
            execution = actions.launch_profile(profile, **options)
        return launched(execution, request)

    def _save(self, profile, serializer):
        data = dict(serializer.validated_data)
        values = data.pop("parameters", profile.parameters)
        users = data.pop("notified_users", None)
        for name, value in data.items():
            setattr(profile, name, value)
        with answered():
            serializer.instance = profiles.save(
                profile, user=self.request.user, values=values, notified_users=users
            )


class NotificationViewSet(viewsets.ReadOnlyModelViewSet):
    """One's own notifications."""

    permission_classes = [IsAuthenticated]
    pagination_class = KeysetPagination
    serializer_class = NotificationSerializer

    def get_queryset(self):
        return Notification.objects.of(self.request.user).for_list()

    @action(detail=True, methods=["post"])
    def read(self, request, pk):
        notification = self.get_object()
        actions.mark_read(self.get_queryset().filter(pk=notification.pk))
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request):
        actions.mark_read(self.get_queryset())
        return Response({"unread_count": 0})

    @action(detail=False, url_path="unread-count")
    def unread_count(self, request):
        return Response({"unread_count": self.get_queryset().unread().count()})


def launch_options(job_type, request):
    """Read who launches, the parameters, and whether they are only to be tried."""
    values = parameters.values_from(job_type, request.data)
    serializer = DryRunSerializer(data={} if parameters.DRY_RUN in values else request.data)
    serializer.is_valid(raise_exception=True)
    return {"user": request.user, "parameters": values, **serializer.validated_data}


def launched(execution, request):
    """Answer 201 with the new execution."""
    data = JobExecutionDetailSerializer(execution, context={"request": request}).data
    return Response(data, status=status.HTTP_201_CREATED, headers={"Location": data["url"]})
