from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AkeneoJobsConfig(AppConfig):
    name = "akeneo_jobs"
    verbose_name = _("Jobs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # Before the worker forks: a job's imports are then paid for once, not by each job.
        autodiscover_modules("job_types")
        from akeneo_jobs import checks  # noqa: F401
