import os
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import akeneo_jobs

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def setup_cfg():
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirements(text):
    return {found.name.lower(): found for found in map(Requirement, text.strip().splitlines())}


def python(script):
    """Run a script where Django is not configured."""
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=False).returncode


def test_pyproject_holds_the_build_system_only():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert list(pyproject) == ["build-system"]


def test_the_version_is_a_literal():
    assert (
        f'\n__version__ = "{akeneo_jobs.__version__}"\n' in Path(akeneo_jobs.__file__).read_text()
    )


def test_the_entrance_opens_before_django_is_configured():
    assert python("import sys, akeneo_jobs; sys.exit('akeneo_jobs.models' in sys.modules)") == 0


def test_rq_is_capped_and_django_is_not(setup_cfg):
    required = requirements(setup_cfg["options"]["install_requires"])
    assert {"django", "rq", "django-rq", "djangorestframework", "django-filter"} <= set(required)
    assert "4.0" not in required["rq"].specifier
    assert "7.0" in required["django"].specifier


def test_the_development_extra_holds_every_optional_feature(setup_cfg):
    extras = {
        name: requirements(text) for name, text in setup_cfg["options.extras_require"].items()
    }
    optional = {name for extra in extras.values() for name in extra}
    assert optional == set(extras["dev"])


def test_every_environment_of_tox_is_a_declared_python(setup_cfg):
    classifiers = setup_cfg["metadata"]["classifiers"]
    tox = ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    for environment in tox["tox"]["envlist"].split(", "):
        interpreter, django = environment.split("-")
        assert f"Python :: 3.{interpreter.removeprefix('py3')}\n" in classifiers
        assert f"Django :: {django[-2]}.{django[-1]}\n" in classifiers
