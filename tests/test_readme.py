"""What the README says works when it is pasted."""

import re
from pathlib import Path

import pytest

from akeneo_jobs import registry, testing
from akeneo_jobs.conf import DEFAULTS
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture
def first_job_type():
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    source = next(block for block in blocks if "@register" in block)
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    namespace = {"__name__": "pasted.job_types"}
    exec(compile(source, "README.md", "exec"), namespace)
    yield namespace["GreetEverybody"]
    registry.unregister(namespace["GreetEverybody"])


@pytest.mark.django_db
def test_the_first_job_type_runs_as_pasted(first_job_type):
    UserFactory(email="julia@example.com")
    UserFactory(email="")
    execution = testing.run("greet_everybody", parameters={"greeting": "Salut"})
    assert (execution.status, execution.warning_count) == ("completed", 1)
    assert execution.steps.get().counts == {"greeted": 1}
    assert b"Salut, user" in execution.log_file.file.read()


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text()
    assert {name for name in DEFAULTS if f"`{name}`" not in text} == set()


def test_every_check_is_documented():
    source = (ROOT / "akeneo_jobs" / "checks.py").read_text()
    text = (ROOT / "docs" / "checks.md").read_text()
    numbers = set(re.findall(r"\b([EW]\d{3})\b", source))
    assert numbers == set(re.findall(r"akeneo_jobs\.([EW]\d{3})", text))


def test_every_link_of_the_readme_leads_to_a_page():
    pages = re.findall(r"\]\((docs/[^)#]+)\)", README)
    assert pages
    assert [page for page in pages if not (ROOT / page).exists()] == []
