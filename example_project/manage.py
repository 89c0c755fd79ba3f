#!/usr/bin/env python
"""Run a Django command on the example project, from any folder."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

ROOT = str(Path(__file__).resolve().parent.parent)


def main():
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
