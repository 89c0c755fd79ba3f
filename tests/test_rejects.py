"""A file of refused rows can be corrected and read again."""

import io
import json

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx

from .files import csv_rows, json_rows, workbook


def rejected(rows, reasons="Refused.", **options):
    """Return a rejects file of all rows."""
    stream = io.BytesIO()
    with rows.rejects_writer(stream, **options) as writer:
        for row in rows:
            writer.write_reject(row.origin or row.position, reasons, row.cells)
    return stream.getvalue()


def test_rejects_have_the_dialect_and_the_cells_of_the_file():
    content = 'sku;name\n1;"a;b"\n2\n3;three;more\n4;=1+1\n'
    lines = rejected(csv_rows(content, delimiter=";"), ["No family.", "No price."]).decode()
    assert lines.splitlines() == [
        "#row;#reasons;sku;name",
        '1;No family. No price.;1;"a;b"',
        "2;No family. No price.;2",
        "3;No family. No price.;3;three;more",
        "4;No family. No price.;4;=1+1",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_rejects_have_the_encoding_of_the_file(encoding):
    rows = csv_rows("sku,name\n1,Été\n".encode(encoding), encoding=encoding)
    content = rejected(rows, "“x” is no price, 数 neither.")
    assert content.startswith("#row".encode(encoding))
    assert next(iter(csv_rows(content, encoding=encoding)))["name"] == "Été"


def test_a_reason_is_no_formula():
    assert b"1,'=1+1,1" in rejected(csv_rows("sku\n1\n"), "=1+1")


def test_corrected_rows_know_where_they_came_from():
    rows = csv_rows("#row,#reasons,sku,name\n7,Refused.,1,One\n x ,,2,\n,,3,Three,more\n")
    assert rows.columns == ("sku", "name")
    assert [row.origin for row in rows] == [7, None, None]
    assert [row.position for row in rows] == [1, 2, 3]
    assert [row.cells for row in rows] == [["1", "One"], ["2", ""], ["3", "Three", "more"]]
    assert [bool(row.fault) for row in rows] == [False, False, True]


def test_rejects_of_rejects_have_the_columns_once():
    content = rejected(csv_rows("sku,name\n1\n\n2,b\n"))
    assert rejected(csv_rows(content)) == content


def test_a_blank_line_in_a_rejects_file_is_no_row():
    assert len(csv_rows("#row,#reasons,sku\n\n1,,2\n")) == 1


def test_rejects_of_a_workbook_are_a_workbook():
    rows = read_xlsx(workbook(["sku", "name"], ["0012", "=1"], [None, 5]))
    again = read_xlsx(ContentFile(rejected(rows)))
    assert again.columns == ("sku", "name")
    assert list(again) == list(rows)
    assert [row.origin for row in again] == [1, 2]


def test_rejected_objects_keep_the_text_they_had():
    content = rejected(json_rows('{"sku": 1.10, "name": "é"}\n{}\n'), ["No family."]).decode()
    assert content.splitlines() == [
        '{"#row": 1, "#reasons": "No family.", "sku": 1.10, "name": "é"}',
        '{"#row": 2, "#reasons": "No family."}',
    ]


def test_a_rejected_line_that_is_no_object_is_corrected_in_its_place():
    content = rejected(json_rows('{"sku": 1}\n{"sku": 2\n[3]\n')).decode()
    line = json.loads(content.splitlines()[1])
    assert line == {"#row": 2, "#reasons": "Refused.", "#line": '{"sku": 2'}
    assert rejected(json_rows(content)).decode() == content
    corrected = content.replace('{\\"sku\\": 2', '{\\"sku\\": 2}')
    assert list(json_rows(corrected)) == [{"sku": 1}, {"sku": 2}, {}]
    assert [row.origin for row in json_rows(corrected)] == [1, 2, 3]


def test_a_rejects_file_of_lines_that_are_no_json_is_read():
    rows = json_rows('{"#row": 2, "#line": "no JSON"}', required=["sku"])
    assert [row.fault for row in rows] == ["The line is no JSON."]


def test_rejects_are_named_after_the_file():
    assert csv_rows("sku\n1\n").rejects_name == "products-rejects.csv"
    assert json_rows("{}").rejects_name == "products-rejects.jsonl"
    assert read_xlsx(workbook(["sku"], ["1"])).rejects_name == "table-rejects.xlsx"
    assert read_csv(io.BytesIO(b"sku\n1\n")).rejects_name == "rejects.csv"
    assert read_json_lines(ContentFile(b"{}", name="in/a.jsonl.gz")).rejects_name.startswith("a")
