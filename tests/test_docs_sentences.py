"""A bad file says what docs/files.md says of it."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx

from .files import archive, refusal, workbook

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "files.md").read_text()
TABLE = PAGE[PAGE.index("| file | sentence |") :].split("\n\n")[0]
SENTENCES = dict(line.strip("| ").split(" | ", 1) for line in TABLE.splitlines()[2:])


def locked():
    """Return a zip whose only entry says that it is encrypted."""
    content = bytearray(archive(a=b"sku\n1\n"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def wide():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "sku", "stray"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


CASES = [
    ("no bytes, or blank lines only", read_csv, [b"", b"\n\n"]),
    ("a header alone", read_csv, [b"sku\n"]),
    ("a column lacks", read_csv, [b"sku;name\n1;One\n"]),
    ("a column twice, or without a name", read_csv, [b"sku,sku\n1,2\n", b"sku,,name\n1,2,3\n"]),
    ("another encoding", read_csv, [("sku,name\n" + "1,Café crème\n" * 9).encode("cp1252")]),
    ("a quote that is never closed", read_csv, [b'sku\n1\n"2\n']),
    ("two delimiters would do", read_csv, [b"a,b;c\n1,2;3\n"]),
    ("a workbook given as CSV", read_csv, [workbook(["sku"], ["1"]).read()]),
    (
        "a cut off archive, several files in it, a password",
        read_csv,
        [archive(a=b"sku\n1\n")[:-30], archive(a=b"1", b=b"2"), locked()],
    ),
    ("an old or protected workbook", read_xlsx, [bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)]),
    ("one stray cell in the last corner", read_xlsx, [wide()]),
    ("no JSON in the first line", read_json_lines, [b"sku,name\n"]),
]
OPTIONS = {
    "a column lacks": {"required": ["sku"]},
    "two delimiters would do": {"delimiter": None},
}


def test_every_bad_file_of_the_page_has_a_case():
    assert [name for name, _read, _contents in CASES] == list(SENTENCES)


@pytest.mark.parametrize(("name", "read", "contents"), CASES, ids=[case[0] for case in CASES])
def test_a_bad_file_says_what_the_page_says(name, read, contents):
    for content in contents:
        said = refusal(read, ContentFile(content, name="products"), **OPTIONS.get(name, {}))
        sentences = re.split(r" · ", SENTENCES[name].replace(" …", ""))
        assert any(said.startswith(sentence) for sentence in sentences), said
