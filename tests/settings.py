"""The example project on a throw-away database, storage and Redis."""

import json
import os
import tempfile
from pathlib import Path

from example_project.services import LOOPBACK, free_port

if "TEST_DATABASE_NAME" not in os.environ:  # Not set: this is pytest, not a child of a journey.
    os.environ["MEDIA_ROOT"] = tempfile.mkdtemp(prefix="akeneo-jobs-tests-")
    os.environ["REDIS_URL"] = f"redis://{LOOPBACK}:{free_port()}/0"

from example_project.settings import *  # noqa: E402

SCRATCH = Path(os.environ["MEDIA_ROOT"])
INSTALLED_APPS = [*INSTALLED_APPS, "tests"]
MIDDLEWARE = ["tests.content_policy.StrictPolicy", *MIDDLEWARE]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASE = DATABASES["default"]
if DATABASE["ENGINE"].endswith("sqlite3"):
    DATABASE["TEST"] = {"NAME": str(SCRATCH / "test.sqlite3")}  # A file: workers open it, too.
DATABASE["NAME"] = os.environ.get("TEST_DATABASE_NAME", DATABASE["NAME"])

# A journey may give its workers other settings.
AKENEO_JOBS = {**AKENEO_JOBS, **json.loads(os.environ.get("TEST_AKENEO_JOBS", "{}"))}
# A second database, for what is launched within a transaction of another.
DATABASES["other"] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": ":memory:",
    "TEST": {"NAME": str(SCRATCH / "other.sqlite3"), "MIGRATE": False},
}
