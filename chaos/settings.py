"""The example project with a toy import, and with little patience."""

import os

from example_project.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "chaos"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
FAULT = os.path.join(MEDIA_ROOT, "fault")  # While this file exists, the storage is troubled.
STORAGES["akeneo_jobs"]["BACKEND"] = "chaos.storage.TroubledStorage"

# A frozen process must not hold its locks for ever: docs/reliability.md.
DATABASES["default"]["OPTIONS"] = {"options": "-c idle_in_transaction_session_timeout=3s"}

AKENEO_JOBS |= {
    "BEAT_INTERVAL": 0.5,
    "UPKEEP_INTERVAL": 0.5,
    "DEAD_AFTER": 2.5,
    "STOP_AFTER": 5.0,
    "WARNINGS_KEPT_PER_CAUSE": 100,  # less than there are: the rest is in a file
}
