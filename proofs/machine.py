"""The machine that something is measured on, in one line."""

import os
import platform

import django


def describe(connection):
    """Name what makes a difference, with the database of a connection."""
    version = ".".join(map(str, connection.get_database_version()))
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Django {django.get_version()}, {connection.display_name} {version}."
    )
