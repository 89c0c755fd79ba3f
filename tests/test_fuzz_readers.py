"""Files that nobody meant: whatever the bytes, an import ends with a sentence."""

import gzip
import io
from contextlib import suppress

import openpyxl
import pytest
from django import forms
from django.core.files.base import ContentFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akeneo_jobs import JobFailed, JobType, testing
from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx
from akeneo_jobs.statuses import Status

from .files import archive

MANY = settings(max_examples=300, deadline=2000, derandomize=True)
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CSV = 'sku,name,price\n1,"A ""big"" one",2.50\n2,Chaîne €,3\n\n3,"two\nlines",\n'.encode()
ENCODINGS = ["utf-8", "utf-16", "utf-32", "utf-7", "cp1252", "shift_jis", "idna", "punycode"]
CODECS = st.sampled_from([*ENCODINGS, "base64", "rot13", "undefined", "nonsense", "", "\0"])
DELIMITERS = st.sampled_from([",", ";", "\t", "|", "", ",,", '"', "\n", "\0", " ", "é"])


def workbook():
    book = openpyxl.Workbook()
    for row in (["sku", "name"], ["1", "One"], ["2", "Two"]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


XLSX = workbook()
ZIP = archive(**{"products.csv": CSV})
LINES = b'{"sku": 1}\n{"#row": 2, "#line": "{}"}\n\n["no"]\n{"\\u0000": [1.5, null]}\n'


@st.composite
def mutated(draw, original):
    """A real file with some bytes replaced, left out or put in."""
    content = bytearray(original)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        content[start:end] = draw(st.binary(max_size=12))
    return bytes(content)


def read_all(read, content, **options):
    """Read every cell; `JobFailed` is the only way to refuse."""
    with suppress(JobFailed):
        for row in read(ContentFile(content), **options):
            texts = [row.cells] if read is read_json_lines else row.values()
            assert all(isinstance(text, str) for text in texts)


@MANY
@given(st.binary(max_size=2000) | mutated(CSV), CODECS, DELIMITERS)
def test_no_bytes_break_the_csv_reader(content, encoding, delimiter):
    read_all(read_csv, content, encoding=encoding, delimiter=delimiter)


@MANY
@given(st.text(max_size=500), st.sampled_from(ENCODINGS[:6]))
def test_no_text_breaks_the_csv_reader(text, encoding):
    read_all(read_csv, text.encode(encoding, "ignore"), encoding=encoding)


@MANY
@given(mutated(gzip.compress(CSV)) | mutated(ZIP))
def test_no_archive_breaks_the_csv_reader(content):
    read_all(read_csv, content, delimiter=None, encoding=None)


@MANY
@given(st.binary(max_size=500) | mutated(LINES))
def test_no_bytes_break_the_reader_of_json_lines(content):
    read_all(read_json_lines, content)


@MANY
@given(st.binary(max_size=500) | mutated(XLSX))
def test_no_bytes_break_the_xlsx_reader(content):
    read_all(read_xlsx, content)


@MANY
@given(st.integers(0, len(XLSX)), st.text(max_size=20) | st.none())
def test_no_cut_and_no_sheet_name_break_the_xlsx_reader(length, sheet):
    read_all(read_xlsx, XLSX[:length], sheet=sheet)


class FileForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)


class AnyImport(JobType):
    """Imports a table and complains about every row."""

    code = "any_import"
    label = "Any import"
    kind = "import"
    parameters_form = FileForm

    def run(self, context):
        is_zip = context.parameters["file"].read(2) == b"PK"
        rows = (read_xlsx if is_zip else read_csv)(context.parameters["file"])
        for row in context.track(rows):
            context.warn(row.fault or "Refused", item=row, position=row.position)


@pytest.fixture
def any_import(db):
    with testing.registered(AnyImport):
        yield


@FEW
@given(st.binary(max_size=1000) | mutated(CSV) | mutated(XLSX))
def test_an_import_of_anything_ends_with_a_sentence(any_import, content):
    execution = testing.run("any_import", parameters={"file": ContentFile(content, name="f.csv")})
    assert execution.status in (Status.COMPLETED, Status.FAILED)
    for failure in execution.failures:
        assert failure["cause"] == "failed"
        assert failure["reason"].rstrip().endswith((".", "?"))
        assert "Traceback" not in failure["reason"]
        assert "Error" not in failure["reason"]
