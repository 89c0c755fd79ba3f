"""The settings: one dict, `AKENEO_JOBS`, read anew at each access, so `override_settings` works."""

from django.conf import settings as django_settings

DEFAULTS = {
    "QUEUE": "default",  # name in RQ_QUEUES; a job type may name another
    "POLICY": "akeneo_jobs.permissions.JobPolicy",  # dotted path: who may do what
    "VIEW_ALL": False,  # holders of view_all_jobexecutions list everybody's operations
    "REPORT_ACCESS": "link",  # who opens a report by its URL: "link", "staff" or "owner"
    "STORAGE": "default",  # alias in STORAGES; must not be served by MEDIA_URL
    "BEAT_INTERVAL": 1.0,  # seconds between two saves of a running execution's numbers
    "LOG_INTERVAL": 5.0,  # seconds between two saves of a running execution's log
    "LOG_SIZE": 1_000_000,  # bytes of log kept per execution
    "DEAD_AFTER": 20.0,  # seconds without a heartbeat after which an execution counts as dead
    "UPKEEP_INTERVAL": 5.0,  # seconds between two looks of a worker for dead and lost executions
    "STOP_AFTER": 30.0,  # seconds in which an operation must obey a stop; then it is killed
    "RESTARTS": 3,  # how often a restartable execution continues by itself after a death
    "WARNINGS_KEPT": 5000,  # warnings per execution that are kept as rows; all are counted
    "WARNINGS_KEPT_PER_CAUSE": 1000,  # the same per cause
    "CAUSES_KEPT": 100,  # different causes per step that are told apart
    "PREVIEWS_KEPT": 100,  # items that a dry run shows per step and outcome, such as "created"
    "PAGE_SIZE": 25,  # executions on a page of the tracker and of the API
    "REFRESH_REPORT": 1.0,  # seconds between two refreshes of a running report
    "REFRESH_TRACKER": 5.0,  # seconds between two refreshes of the tracker
    "REFRESH_BELL": 10.0,  # seconds between two refreshes of the bell and the notifications
    "UPLOAD_SIZE": 512_000_000,  # bytes of an uploaded file, at most
    "KEEP_DAYS": 90,  # days after its end in which `purge_jobs` leaves an execution alone
    "LAUNCHES_PER_MINUTE": None,  # launches by one person; None: no limit
    "RESULT_TTL": 60,  # seconds that RQ keeps a delivered job
    "FAILURE_TTL": 86_400,  # seconds that RQ keeps a job whose work-horse died
}


class Settings:
    """The host's value where there is one, else ours."""

    def __getattr__(self, name):
        if name not in DEFAULTS:
            raise AttributeError(name)
        return getattr(django_settings, "AKENEO_JOBS", {}).get(name, DEFAULTS[name])


conf = Settings()
