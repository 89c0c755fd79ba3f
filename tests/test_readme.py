"""What the README says works when it is pasted."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage

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


@pytest.fixture
def new_project(tmp_path):
    """What `django-admin startproject` makes, with the README's blocks pasted in."""
    subprocess.run([sys.executable, "-m", "django", "startproject", "pim", tmp_path], check=True)
    blocks = [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", README, re.S)]
    with (tmp_path / "pim" / "settings.py").open("a") as settings:
        settings.write(next(block for block in blocks if "INSTALLED_APPS" in block))
    urls = next(block for block in blocks if "urlpatterns" in block)
    (tmp_path / "pim" / "urls.py").write_text(urls)
    return tmp_path


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_the_install_steps_work_in_a_new_project_as_pasted(new_project, command):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "pim.settings"}
    ended = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=new_project,
        env=env,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, "WARNINGS" in ended.stderr) == (0, False), ended.stderr


@pytest.mark.django_db
def test_the_first_job_type_runs_as_pasted(first_job_type):
    UserFactory(email="julia@example.com")
    UserFactory(email="")
    execution = testing.run("greet_everybody", parameters={"greeting": "Salut"})
    assert (execution.status, execution.warning_count) == ("completed", 1)
    assert execution.steps.get().counts == {"greeted": 1}
    assert b"Salut, user" in execution.log_file.file.read()


@pytest.mark.django_db
def test_a_launch_from_python_works_as_pasted(first_job_type, rf):
    request = rf.get("/")
    request.session = {}
    request.user, request._messages = UserFactory(), FallbackStorage(request)
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    source = next(
        block for block in blocks if block.lstrip().startswith("from akeneo_jobs.actions")
    )
    exec(compile(source, "README.md", "exec"), {"request": request})
    execution = request.user.job_executions.get()
    assert execution.parameters == {"greeting": "Salut"}
    assert execution.get_absolute_url() in str(*request._messages)


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text()
    assert {name for name in DEFAULTS if f"`{name}`" not in text} == set()


def test_every_check_is_documented():
    source = (ROOT / "akeneo_jobs" / "checks.py").read_text()
    text = (ROOT / "docs" / "checks.md").read_text()
    numbers = set(re.findall(r"\b([EW]\d{3})\b", source))
    assert numbers == set(re.findall(r"akeneo_jobs\.([EW]\d{3})", text))


def test_every_module_has_its_floor():
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text[text.index("| floor") : text.index("## One way through")]
    paths = [*(ROOT / "akeneo_jobs").glob("*.py"), *(ROOT / "akeneo_jobs").glob("*/__init__.py")]
    names = {f"{p.parent.name}/" if p.parent.name != "akeneo_jobs" else p.stem for p in paths}
    assert {name for name in names if f"`{name}`" not in table} == set()


def test_every_link_of_the_readme_leads_to_a_page():
    pages = re.findall(r"\]\((docs/[^)#]+)\)", README)
    assert pages
    assert [page for page in pages if not (ROOT / page).exists()] == []
