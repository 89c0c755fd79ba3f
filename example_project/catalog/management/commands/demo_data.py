"""Create the demo's users, catalog, rules, projects and profiles, and write its files."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import BaseCommand

from akeneo_jobs import registry
from akeneo_jobs.models import JobProfile
from example_project.catalog import demo
from example_project.catalog.models import Category, Family, Project, Rule

PEOPLE = ["julia", "mary", "peter"]
SUPERUSER = "admin"
MANAGERS = "Catalog managers"  # The group of those who work with profiles.


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--csv", type=Path, help="write the products to this file")
        parser.add_argument("--categories", type=Path, help="write the categories to this file")

    def handle(self, **options):
        for name in PEOPLE:
            _create_user(name)
        _create_user(SUPERUSER, is_staff=True, is_superuser=True)
        _create_managers()
        _create_families()
        _create_categories()
        _create_rules()
        _create_projects()
        _create_profiles()
        _write(options["csv"], demo.write_products)
        _write(options["categories"], demo.write_categories)


def _create_user(name, **rights):
    """Create a user whose password is the name; leave an existing one alone."""
    user, is_new = get_user_model().objects.get_or_create(username=name, defaults=rights)
    if is_new:
        user.set_password(name)
        user.save(update_fields=["password"])


def _create_managers():
    managers, _is_new = Group.objects.get_or_create(name=MANAGERS)
    rights = Permission.objects.filter(
        content_type__app_label="akeneo_jobs", content_type__model="jobprofile"
    )
    managers.permissions.set(rights)
    managers.user_set.add(*get_user_model().objects.filter(username__in=PEOPLE))


def _create_families():
    for code, (name, required) in demo.FAMILIES.items():
        defaults = {"name": name, "required_attributes": required}
        Family.objects.get_or_create(code=code, defaults=defaults)


def _create_categories():
    for code, parent, name in demo.CATEGORIES:
        above = Category.objects.filter(code=parent).first()
        Category.objects.get_or_create(code=code, defaults={"name": name, "parent": above})


def _create_rules():
    for position, (code, label, family, attribute, value, enabled) in enumerate(demo.RULES, 1):
        fields = {"label": label, "attribute": attribute, "value": value, "enabled": enabled}
        fields |= {"family": Family.objects.get(code=family), "position": position}
        Rule.objects.get_or_create(code=code, defaults=fields)


def _create_projects():
    for code, label, family in demo.PROJECTS:
        fields = {"label": label, "family": Family.objects.get(code=family)}
        Project.objects.get_or_create(code=code, defaults=fields)


def _create_profiles():
    for code, label, job_type, parameters in demo.PROFILES:
        fields = {"label": label, "job_type": job_type, "parameters": parameters}
        fields["kind"] = registry.get(job_type).kind
        JobProfile.objects.update_or_create(code=code, defaults=fields)


def _write(path, write):
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            write(stream)
