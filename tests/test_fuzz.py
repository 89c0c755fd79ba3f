"""Random bytes and random requests: a sentence, never a traceback, never a 500."""

import io
import zipfile
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from akeneo_jobs import JobFailed, testing
from akeneo_jobs.io import read_csv, read_xlsx
from tests.factories import JobExecutionFactory, UserFactory

ENCODINGS = st.sampled_from(["utf-8", "utf-16", "cp1252", "latin-1", "no-such-encoding"])
DELIMITERS = st.sampled_from([",", ";", "\t", "|"])
CSV_LIKE = st.text(alphabet='sku,name;"\n\r\t\0é x1=', max_size=200).map(str.encode)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def tables(read):
    """Read all rows; the one exception that a reader may raise is its refusal."""
    with suppress(JobFailed):
        return [dict(row) for row in read()]
    return []


@FEW
@given(st.one_of(st.binary(max_size=300), CSV_LIKE), DELIMITERS, ENCODINGS)
def test_any_bytes_are_a_csv_file_or_refused(content, delimiter, encoding):
    tables(lambda: read_csv(io.BytesIO(content), delimiter=delimiter, encoding=encoding))


def workbook():
    openpyxl = pytest.importorskip("openpyxl")
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["sku", "name"])
    book.active.append(["a", 1.5])
    book.save(content)
    return content.getvalue()


@FEW
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data):
    content = bytearray(workbook())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    tables(lambda: read_xlsx(io.BytesIO(bytes(content[: data.draw(st.integers(1, 99999))]))))


@FEW
@given(st.binary(max_size=300))
def test_a_workbook_with_a_damaged_sheet_is_read_or_refused(sheet):
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    tables(lambda: read_xlsx(content))


@pytest.mark.django_db
@settings(FEW, max_examples=25)
@given(content=st.one_of(st.binary(min_size=1, max_size=300), CSV_LIKE.filter(bool)))
def test_an_import_of_any_bytes_ends_with_a_sentence(content):
    file = ContentFile(content, name="products.csv")
    execution = testing.run("csv_product_import", parameters={"file": file})
    assert execution.status in {"completed", "failed"}
    assert all(failure["cause"] == "failed" for failure in execution.failures), execution.failures


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts),
    max_leaves=5,
)
PARAMETERS = st.dictionaries(st.sampled_from(["count", "password", "parameters", "x"]), VALUES)
FILTERS = st.sampled_from(
    [
        "status",
        "level",
        "kind",
        "search",
        "ordering",
        "created_after",
        "cursor",
        "page_size",
        "user",
    ]
)


@pytest.mark.django_db
@settings(FEW, max_examples=40)
@given(body=PARAMETERS, query=st.dictionaries(FILTERS, st.text(max_size=30), max_size=3))
def test_no_request_ends_in_an_error_of_the_server(body, query):
    client = APIClient(raise_request_exception=False)
    user = UserFactory(username=f"user{UserFactory._meta.model.objects.count()}")
    client.force_authenticate(user)
    execution = JobExecutionFactory(user=user)
    root = "/api/jobs"
    answers = [
        client.get(f"{root}/executions/", query),
        client.get(f"{root}/executions/{execution.uuid}/warnings/", query),
        client.get(f"{root}/notifications/", query),
        client.post(f"{root}/job-types/counting/launch/", _sent(body), format="json"),
        client.post(f"{root}/profiles/", _sent({**body, "code": "a"}), format="json"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def _sent(body):
    """Leave out what JSON itself has no word for."""
    if isinstance(body, float) and body != body:
        return None
    if isinstance(body, float) and abs(body) == float("inf"):
        return None
    if isinstance(body, dict):
        return {name: _sent(value) for name, value in body.items()}
    return [_sent(value) for value in body] if isinstance(body, list) else body
