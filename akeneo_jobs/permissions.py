"""Who may do what. A host replaces `JobPolicy` by a dotted path in the setting POLICY."""

from django.db.models import Q
from django.utils.module_loading import import_string

from akeneo_jobs.conf import conf


def is_person(user):
    """Say whether this is somebody who has logged in."""
    return user is not None and user.is_authenticated and user.is_active


class JobPolicy:
    """The default rules: list one's own, open a report by its URL, files apart.

    Takes querysets and returns querysets; every door asks it. All rules fail closed.
    """

    def list(self, executions, user):
        """Narrow a queryset of executions to those that lists and counts may show."""
        if not is_person(user):
            return executions.none()
        if self.can_list_all(user):
            return executions
        return executions.filter(user=user)

    def view(self, executions, user):
        """Narrow a queryset of executions to those whose report opens by its URL."""
        if not is_person(user):
            return executions.none()
        if conf.REPORT_ACCESS == "link" or (conf.REPORT_ACCESS == "staff" and user.is_staff):
            return executions
        listed = Q(pk__in=self.list(executions, user).values("pk"))
        return executions.filter(listed | Q(notifications__user=user)).distinct()  # or was told

    def can_list_all(self, user):
        return bool(conf.VIEW_ALL) and user.has_perm("akeneo_jobs.view_all_jobexecutions")

    def can_download(self, user, execution):
        """Say whether the execution's files, the log among them, may be handed to the user."""
        return self._owns(user, execution) or (
            is_person(user) and user.has_perm("akeneo_jobs.download_jobfile")
        )

    def can_control(self, user, execution):
        """Say whether the user may stop, pause, resume and relaunch."""
        return self._owns(user, execution) or (
            is_person(user) and user.has_perm("akeneo_jobs.control_jobexecution")
        )

    def can_launch(self, user, job_type):
        """Say whether the user may launch; None is a script, which may."""
        if user is None:
            return True
        if not is_person(user):
            return False
        return job_type.permission is None or user.has_perm(job_type.permission)

    def can_profile(self, user, act):
        """Say whether the user may "view", "add", "change" or "delete" profiles."""
        return is_person(user) and user.has_perm(f"akeneo_jobs.{act}_jobprofile")

    def _owns(self, user, execution):
        return is_person(user) and execution.user_id == user.pk


def get_policy():
    """Return the host's policy, or ours."""
    return import_string(conf.POLICY)()


def launchable_by(user, job_types):
    """Return instances of the visible job types that the user may launch, by kind and label."""
    policy = get_policy()
    visible = (job_type() for job_type in job_types if job_type.is_visible)
    allowed = [job_type for job_type in visible if policy.can_launch(user, job_type)]
    return sorted(allowed, key=lambda job_type: (job_type.kind, str(job_type.label)))
