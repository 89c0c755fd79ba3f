"""Create the demo's users, families and categories, and write its catalog to files."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand

from example_project.catalog import demo
from example_project.catalog.models import Category, Family

PEOPLE = ["julia", "mary", "peter"]
SUPERUSER = "admin"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--csv", type=Path, help="write the products to this file")
        parser.add_argument("--categories", type=Path, help="write the categories to this file")

    def handle(self, **options):
        for name in PEOPLE:
            _create_user(name)
        _create_user(SUPERUSER, is_staff=True, is_superuser=True)
        _create_families()
        _create_categories()
        _write(options["csv"], demo.write_products)
        _write(options["categories"], demo.write_categories)


def _create_user(name, **rights):
    """Create a user whose password is the name; leave an existing one alone."""
    user, is_new = get_user_model().objects.get_or_create(username=name, defaults=rights)
    if is_new:
        user.set_password(name)
        user.save(update_fields=["password"])


def _create_families():
    for code, (name, required) in demo.FAMILIES.items():
        defaults = {"name": name, "required_attributes": required}
        Family.objects.get_or_create(code=code, defaults=defaults)


def _create_categories():
    for code, parent, name in demo.CATEGORIES:
        above = Category.objects.filter(code=parent).first()
        Category.objects.get_or_create(code=code, defaults={"name": name, "parent": above})


def _write(path, write):
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            write(stream)
