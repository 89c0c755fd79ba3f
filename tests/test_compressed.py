import gzip
import io
import zipfile

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx

from .files import OneWay, archive, csv_rows, json_rows, refusal, workbook

TABLE = b"sku,name\n1,One\n"
BOMB = 5_000


def with_password():
    """Return a zip whose only entry says that it is encrypted."""
    content = bytearray(archive(**{"products.csv": TABLE}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(TABLE), archive(**{"in/products.csv": TABLE, "__MACOSX/._p": b"x"})],
    ids=["gz", "zip"],
)
def test_a_packed_table_is_read_as_the_table(content):
    rows = csv_rows(content)
    assert list(rows) == list(rows) == [{"sku": "1", "name": "One"}]


def test_every_reader_unpacks():
    assert len(json_rows(gzip.compress(b'{"sku": 1}\n'))) == 1
    assert len(read_xlsx(ContentFile(gzip.compress(workbook(["sku"], ["1"]).read())))) == 1
    assert len(read_xlsx(ContentFile(archive(**{"a.xlsx": workbook(["sku"], ["1"]).read()})))) == 1


def test_a_packed_stream_that_cannot_be_rewound_is_read():
    assert len(read_csv(OneWay(gzip.compress(TABLE)))) == 1


def test_a_file_without_a_name_is_read():
    assert read_csv(io.BytesIO(gzip.compress(TABLE))).rejects_name == "rejects.csv"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (archive(), "The archive must hold one file; this one holds 0."),
        (archive(a=TABLE, b=TABLE), "The archive must hold one file; this one holds 2."),
        (archive(a=TABLE)[:-30], "The archive is damaged or cut off."),
        (gzip.compress(TABLE)[:-9], "The archive is damaged or cut off."),
        (gzip.compress(TABLE)[:5], "The archive is damaged or cut off."),
        (gzip.compress(TABLE) + b"more", "The archive is damaged or cut off."),
        (with_password(), "The archive has a password. Save it without one."),
        (gzip.compress(gzip.compress(TABLE)), "This is an archive, such as XLSX, not CSV."),
        (workbook(["sku"], ["1"]).read(), "This is an archive, such as XLSX, not CSV."),
        (gzip.compress(b""), "The file is empty."),
    ],
    ids=lambda value: "file" if isinstance(value, bytes) else value,
)
def test_an_archive_that_holds_no_table_is_refused(content, sentence):
    assert sentence in refusal(csv_rows, content)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: archive(a=content)])
def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch, pack):
    monkeypatch.setattr("akeneo_jobs.io.compressed.UNPACKED_LIMIT", BOMB)
    message = refusal(csv_rows, pack(b"sku\n" + b"1\n" * BOMB))
    assert message == "The file is too large when unpacked. Split it."


def test_a_size_that_lies_in_the_archive_does_not_matter(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.compressed.UNPACKED_LIMIT", BOMB)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a.csv", b"1\n" * BOMB)
        zipped.infolist()[0].file_size = 10
    assert refusal(csv_rows, stream.getvalue()).startswith("The ")


def test_a_workbook_is_no_json_lines():
    assert "not JSON lines" in refusal(read_json_lines, workbook(["sku"], ["1"]))
