"""How executions, job types, profiles and notifications read in JSON."""

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

from akeneo_jobs import parameters, registry
from akeneo_jobs.models import JobExecution, JobProfile, Notification
from akeneo_jobs.permissions import get_policy
from akeneo_jobs.secrecy import secret_names


class ProgressSerializer(serializers.Serializer):
    processed = serializers.IntegerField()
    total = serializers.IntegerField(source="known_total", allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    seconds_left = serializers.IntegerField(allow_null=True)


class ExecutionProgressSerializer(serializers.Serializer):
    """The progress of the step that an execution is at, and which one that is."""

    def to_representation(self, execution):
        return ProgressSerializer(execution.progress).data | {
            "current_step": execution.current_step,
            "step_count": execution.step_count,
        }


class JobExecutionSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")
    status_label = serializers.CharField(source="get_status_display")
    level = serializers.CharField()
    label = serializers.CharField()
    issue_count = serializers.IntegerField()
    user = serializers.SerializerMethodField()
    profile = serializers.SerializerMethodField()
    parameters = serializers.SerializerMethodField()
    duration = serializers.FloatField(allow_null=True)
    progress = ExecutionProgressSerializer(source="*")
    can_stop = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = JobExecution
        fields = [
            "id",
            "job_type",
            "kind",
            "label",
            "status",
            "status_label",
            "level",
            "issue_count",
            "warning_count",
            "error_count",
            "user",
            "profile",
            "parameters",
            "created_at",
            "started_at",
            "ended_at",
            "duration",
            "progress",
            "is_dry_run",
            "can_stop",
            "url",
        ]
        read_only_fields = fields

    def get_user(self, execution) -> str | None:
        return execution.user and execution.user.get_username()

    def get_profile(self, execution) -> str | None:
        return execution.profile and execution.profile.code

    def get_parameters(self, execution) -> dict:
        return execution.shown_parameters

    def get_can_stop(self, execution) -> bool:
        user = self.context["request"].user
        return execution.can_stop and get_policy().can_control(user, execution)

    def get_url(self, execution) -> str:
        return self.context["request"].build_absolute_uri(execution.get_absolute_url())


class JobTypeSerializer(serializers.Serializer):
    """A job type with its parameters, for who may launch it."""

    code = serializers.CharField()
    kind = serializers.CharField()
    kind_label = serializers.SerializerMethodField()
    label = serializers.CharField()
    parameters = serializers.SerializerMethodField()
    can_dry_run = serializers.SerializerMethodField()
    launch_url = serializers.SerializerMethodField()

    def get_kind_label(self, job_type) -> str:
        return registry.kind_label(job_type.kind)

    def get_parameters(self, job_type) -> list:
        return parameters.describe(job_type, secret_names(job_type))

    def get_can_dry_run(self, job_type) -> bool:
        return parameters.offers_dry_run(job_type)

    def get_launch_url(self, job_type) -> str:
        path = reverse("akeneo_jobs_api:job-type-launch", args=[job_type.code])
        return self.context["request"].build_absolute_uri(path)


class DryRunSerializer(serializers.Serializer):
    """Reads what a client sends beside the parameters of a launch."""

    dry_run = serializers.BooleanField(default=False)


class UsernamesField(serializers.ListField):
    """Users by their usernames; it offers none to choose from, which would tell them all."""

    child = serializers.CharField()
    max_length = 500  # users

    def to_internal_value(self, data):
        names = set(super().to_internal_value(data))
        user_model = get_user_model()
        users = list(user_model.objects.filter(**{f"{user_model.USERNAME_FIELD}__in": names}))
        unknown = names - {user.get_username() for user in users}
        if unknown:
            names = {"names": ", ".join(sorted(unknown))}
            raise serializers.ValidationError(_("There is no user “%(names)s”.") % names)
        return users

    def to_representation(self, users):
        return [user.get_username() for user in users.all()]


class JobProfileSerializer(serializers.ModelSerializer):
    """A profile; its job type is given once, when it is created."""

    parameters = serializers.DictField(required=False)
    notified_users = UsernamesField(required=False)
    url = serializers.SerializerMethodField()

    class Meta:
        model = JobProfile
        fields = ["code", "label", "job_type", "kind", "parameters", "notified_users", "url"]
        read_only_fields = ["kind", "url"]

    def get_fields(self):
        fields = super().get_fields()
        fields["job_type"].read_only = self.instance is not None
        return fields

    def validate_job_type(self, code):
        job_type = registry.find(code)
        if job_type and not job_type.is_visible:
            message = _("There is no operation “%(code)s”.") % {"code": code}
            raise serializers.ValidationError(message)
        return code

    def get_url(self, profile) -> str:
        return self.context["request"].build_absolute_uri(profile.get_absolute_url())

    def to_representation(self, profile):
        return super().to_representation(profile) | {"parameters": profile.shown_parameters}


class NotificationSerializer(serializers.ModelSerializer):
    execution = serializers.UUIDField(source="execution.uuid")
    kind = serializers.CharField(source="execution.kind")
    message = serializers.CharField()
    is_read = serializers.BooleanField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "level",
            "kind",
            "message",
            "execution",
            "url",
            "is_read",
            "created_at",
            "read_at",
        ]
        read_only_fields = fields

    def get_url(self, notification) -> str:
        path = notification.execution.get_absolute_url()
        return self.context["request"].build_absolute_uri(path)
