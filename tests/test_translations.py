"""French is complete: every text has its translation, and people read it."""

import ast
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils import translation

from akeneo_jobs import actions
from akeneo_jobs.formatting import duration_in_words
from akeneo_jobs.statuses import Status
from akeneo_jobs.testing import run
from tests.factories import JobExecutionFactory, NotificationFactory, UserFactory

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["akeneo_jobs", "example_project"]
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdr]|\{\w*\}|%%")

needs_gettext = pytest.mark.skipif(
    not (shutil.which("xgettext") and shutil.which("msgfmt")),
    reason="No gettext found: install it (apt-get install gettext) to run this.",
)


def quoted(text):
    """Put a text into French quotation marks, whose spaces do not break."""
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»"


def catalog(folder):
    return ROOT / folder / "locale" / "fr" / "LC_MESSAGES" / "django.po"


def entries(path):
    """Read a catalog into (texts to translate, translations, flags), without its header."""
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        texts, flags = {}, ""
        key = None
        for line in block.splitlines():
            if line.startswith("#,"):
                flags += line
            elif match := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                key = match[1]
                texts[key] = ast.literal_eval(match[2])
            elif line.startswith('"'):
                texts[key] += ast.literal_eval(line)
        if texts.get("msgid"):
            sources = tuple(texts.get(key, "") for key in ("msgctxt", "msgid", "msgid_plural"))
            found.append((sources, [texts[key] for key in texts if "msgstr" in key], flags))
    return found


def extracted(folder, directory):
    """Collect the texts of a folder anew, from a copy without catalogs."""
    copy = directory / folder
    left_out = shutil.ignore_patterns("locale", "static", "var", "__pycache__", "*.sqlite3*")
    shutil.copytree(ROOT / folder, copy, ignore=left_out)
    (copy / "locale").mkdir()
    # -P: the folder has a `queue` and an `io` of its own, which Python would take for its own.
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--locale", "fr"]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=env, check=True, capture_output=True)
    return {sources for sources, *_ in entries(copy / "locale/fr/LC_MESSAGES/django.po")}


@needs_gettext
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_catalog_holds_what_the_code_says_and_no_more(folder, tmp_path):
    committed = {sources for sources, *_ in entries(catalog(folder))}
    now = extracted(folder, tmp_path)
    assert (now - committed, committed - now) == (set(), set()), "Run `make messages`."


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_is_translated_for_sure(folder):
    for sources, translations, flags in entries(catalog(folder)):
        assert all(translations), sources
        assert "fuzzy" not in flags, sources


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_translation_fills_the_same_gaps(folder):
    for (_context, text, plural), translations, _flags in entries(catalog(folder)):
        expected = sorted(PLACEHOLDER.findall(plural or text))
        for translated in translations:
            assert sorted(PLACEHOLDER.findall(translated)) == expected, text


@pytest.mark.parametrize("folder", FOLDERS)
def test_french_typography_is_kept(folder):
    for sources, translations, _flags in entries(catalog(folder)):
        for translated in translations:
            assert not re.search(r"« | »| [:;?!](?:\s|$)|[“”]|\w'\w", translated), sources


def test_both_catalogs_say_the_same_of_the_same_text():
    ours, theirs = ({e[0]: e[1] for e in entries(catalog(folder))} for folder in FOLDERS)
    for sources in ours.keys() & theirs.keys():
        assert ours[sources] == theirs[sources], sources


@needs_gettext
@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_compiled_is_what_is_written(folder, tmp_path):
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", compiled, catalog(folder)], check=True)
    committed = catalog(folder).with_suffix(".mo")
    assert compiled.read_bytes() == committed.read_bytes(), "Run `make messages`."


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def french(client, user):
    """A browser that asks for French, of somebody who has logged in."""
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    with translation.override("en"):  # A request leaves its language behind.
        yield client


def text_of(response):
    return re.sub(r"[ \n]+", " ", response.content.decode())


def test_the_tracker_is_french(french):
    page = text_of(french.get("/jobs/"))
    assert '<html lang="fr"' in page
    assert "<title>Traqueur de processus" in page
    assert "Il n’y a aucune opération à afficher pour le moment." in page
    assert ">Filtrer</button>" in page  # Not the noun of Django's admin.


def test_dates_have_french_months(french, user):
    moment = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    JobExecutionFactory(user=user, status=Status.STARTED, started_at=moment)
    assert ">3 fév. 2026, 04:05</time>" in text_of(french.get("/jobs/"))


@pytest.mark.parametrize(
    ("count", "title"), [(0, "0 opération"), (1, "1 opération"), (2, "2 opérations")]
)
def test_operations_are_counted_as_french_counts(french, user, count, title):
    JobExecutionFactory.create_batch(count, user=user)
    assert f">{title}</h1>" in text_of(french.get("/jobs/"))


def test_statuses_have_their_accents():
    with translation.override("fr"):
        assert [str(label) for label in Status.labels] == [
            "En attente de démarrage",
            "Démarré",
            "En cours d’arrêt",
            "Arrêté",
            "En cours de mise en pause",
            "En pause",
            "Terminé",
            "Échoué",
        ]


def test_durations_are_french():
    with translation.override("fr"):
        assert duration_in_words(3_601) == "1 heure 1 seconde"
        assert duration_in_words(0) == "0 seconde"


def test_the_notification_and_the_bell_are_french(french, user):
    NotificationFactory(execution__kind="rule", execution__user=user, level="error")
    page = text_of(french.get("/jobs/notifications/"))
    assert f"L’exécution de règles {quoted('Counting job')} a échoué" in page
    assert "1 notification non lue" in page
    assert ">1 non lue<" in page


def test_the_flash_message_is_french(french):
    page = text_of(french.post("/jobs/launch/counting/", {"count": 3}, follow=True))
    assert f"L’export {quoted('Counting job')} est en cours d’exécution." in page
    assert ">Suivre l’opération.</a>" in page


def test_the_api_speaks_the_language_it_is_asked_for(french, user):
    JobExecutionFactory(user=user, status=Status.FAILED)
    row = french.get("/api/jobs/executions/").json()["results"][0]
    assert (row["status"], row["status_label"]) == ("failed", "Échoué")


def test_the_api_refuses_in_french(french, user):
    execution = JobExecutionFactory(user=user, status=Status.COMPLETED)
    refusal = french.post(f"/api/jobs/executions/{execution.uuid}/stop/")
    assert refusal.status_code == 409
    assert refusal.json()["detail"] == "Ce n’est plus possible, ou pas encore."


def test_somebody_being_faster_is_told_in_french(user):
    execution = JobExecutionFactory(user=user, status=Status.COMPLETED)
    with translation.override("fr"), pytest.raises(actions.InvalidTransition) as refusal:
        execution.apply("start")
    with translation.override("fr"):
        assert str(refusal.value) == "L’état de l’opération ne le permet plus."


def test_checks_are_french(settings):
    settings.AKENEO_JOBS = {"QUEUE": "nowhere"}
    with translation.override("fr"):
        (message,) = run_checks(tags=["akeneo_jobs"])
    assert message.msg == f"La file {quoted('nowhere')} n’est pas dans RQ_QUEUES."
    assert message.hint.startswith("Files connues")


def test_the_command_is_french(db, monkeypatch):
    def run_at_once(job_type, **kwargs):
        return run(job_type, user=kwargs["user"])

    monkeypatch.setattr(actions, "launch", run_at_once)
    out = StringIO()
    with translation.override("fr"), pytest.raises(SystemExit):
        call_command("launch_job", "counting", "--wait", stdout=out)
    assert "Counting job: Terminé" in out.getvalue()
    assert "(Terminé): lu(s) 3" in out.getvalue()


def test_the_help_of_the_command_is_french():
    from akeneo_jobs.management.commands.launch_job import Command

    with translation.override("fr"):
        text = " ".join(Command().create_parser("manage.py", "launch_job").format_help().split())
    assert "Lance une opération" in text
    assert "code d’un profil enregistré" in text


def test_the_example_is_french(french):
    page = text_of(french.get("/"))
    assert "Tableau de bord" in page
    assert "Dernières opérations" in page
