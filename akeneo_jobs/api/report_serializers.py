"""How a report reads in JSON: its steps, causes, warnings and files."""

from django.urls import reverse
from rest_framework import serializers

from akeneo_jobs import rejects, report
from akeneo_jobs.api.serializers import JobExecutionSerializer, ProgressSerializer
from akeneo_jobs.models import JobFile, StepExecution, StepWarning, WarningGroup
from akeneo_jobs.permissions import get_policy


class PartSerializer(serializers.ModelSerializer):
    """One part of a step that several processes do at once."""

    number = serializers.IntegerField(source="part")

    class Meta:
        model = StepExecution
        fields = ["number", "status", "processed", "total", "warning_count"]
        read_only_fields = fields


class StepExecutionSerializer(serializers.ModelSerializer):
    label = serializers.CharField(source="__str__")
    status_label = serializers.CharField(source="get_status_display")
    level = serializers.CharField()
    progress = ProgressSerializer()
    parts = PartSerializer(many=True)

    class Meta:
        model = StepExecution
        fields = [
            "position",
            "name",
            "label",
            "status",
            "status_label",
            "level",
            "counts",
            "warning_count",
            "error_count",
            "progress",
            "parts",
            "preview",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields


class JobFileSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()

    class Meta:
        model = JobFile
        fields = ["id", "role", "name", "size", "created_at", "url"]
        read_only_fields = fields

    def get_url(self, job_file) -> str:
        path = reverse("akeneo_jobs:download", args=[self.context["uuid"], job_file.pk])
        return self.context["request"].build_absolute_uri(path)


class WarningGroupSerializer(serializers.ModelSerializer):
    step = serializers.CharField(source="step.name")

    class Meta:
        model = WarningGroup
        fields = [
            "key",
            "step",
            "cause",
            "code",
            "field",
            "count",
            "first_position",
            "last_position",
        ]
        read_only_fields = fields


class JobExecutionDetailSerializer(JobExecutionSerializer):
    steps = StepExecutionSerializer(source="steps_now", many=True)
    causes = serializers.SerializerMethodField()
    parent = serializers.SerializerMethodField()
    rejected_count = serializers.SerializerMethodField()
    repairs = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta(JobExecutionSerializer.Meta):
        fields = [
            *JobExecutionSerializer.Meta.fields,
            "steps",
            "causes",
            "failures",
            "files",
            "parent",
            "is_repair",
            "rejected_count",
            "repairs",
        ]
        read_only_fields = fields

    def get_causes(self, execution) -> list:
        """Count the warnings by what caused them."""
        return WarningGroupSerializer(report.causes_of(execution), many=True).data

    def get_rejected_count(self, execution) -> int:
        """Count the rejected rows that nobody has repaired yet."""
        return rejects.count_left(execution)

    def get_parent(self, execution) -> str | None:
        """Name what it was launched from, to who may view that."""
        parent = report.parent_of(execution, self.context["request"].user)
        return parent and str(parent.uuid)

    def get_repairs(self, execution) -> list[str]:
        """Name the executions in which its rejects were repaired, the latest first."""
        repairs = report.repairs_of(execution, self.context["request"].user)
        return [str(repair.uuid) for repair in repairs]

    def get_files(self, execution) -> list:
        """List the files; none for who may read the report but not download."""
        if not get_policy().can_download(self.context["request"].user, execution):
            return []
        context = self.context | {"uuid": execution.uuid}
        return JobFileSerializer(execution.files.offered(), many=True, context=context).data


class StepWarningSerializer(serializers.ModelSerializer):
    step = serializers.CharField(source="step.name")
    cause = serializers.CharField(source="group")

    class Meta:
        model = StepWarning
        fields = [
            "step",
            "cause",
            "position",
            "reason",
            "code",
            "field",
            "item",
            "item_label",
            "item_url",
        ]
        read_only_fields = fields
