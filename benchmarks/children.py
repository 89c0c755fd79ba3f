"""The processes that a comparison starts beside itself."""

import os
import subprocess
import sys

from django.db import connection

from example_project.services import ROOT


def environment():
    """Return what a child needs to find the database: that of a test has a name of its own."""
    return os.environ | {"TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}


def run(execution, dies_at=0):
    """Run an execution of `CsvImport` in a child; return the child's peak of memory in MB."""
    command = [sys.executable, "-m", "benchmarks.child", str(execution.pk), str(dies_at)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())
    return int(child.stdout) / 1024
