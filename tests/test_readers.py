import csv
import io

import openpyxl
import pytest
from django.core.files.base import ContentFile, File

from akeneo_jobs.io import read_csv, read_xlsx

from .files import OneWay, archive, csv_rows, refusal, workbook


def test_rows_know_their_length_and_can_be_read_twice():
    rows = csv_rows("sku,name\n1,One\n2,Two\n")
    assert len(rows) == 2
    assert rows.columns == ("sku", "name")
    assert list(rows) == list(rows) == [{"sku": "1", "name": "One"}, {"sku": "2", "name": "Two"}]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert csv_rows(b"\xef\xbb\xbfsku\n1\n").columns == ("sku",)


def test_other_encodings_and_delimiters_are_read():
    rows = csv_rows("sku;name\n1;Été\n".encode("utf-16"), delimiter=";", encoding="utf-16")
    assert list(rows) == [{"sku": "1", "name": "Été"}]


def test_cells_may_hold_lines():
    assert list(csv_rows('sku,name\r\n1,"a\nb"\r\n')) == [{"sku": "1", "name": "a\nb"}]


def test_blank_lines_have_a_position_but_are_no_rows():
    rows = csv_rows("\nsku,name\n\n1,One\n,\n2,Two\n")
    assert [row.position for row in rows] == [2, 4]
    assert len(rows) == 2


def test_a_row_of_another_length_has_a_fault_and_stops_nothing():
    rows = list(csv_rows("sku,name\n1\n2,Two,three\n3,Three,\n4,Four\n"))
    assert [bool(row.fault) for row in rows] == [True, True, False, False]
    assert rows[0].fault == "The row has 1 cells, the header has 2."


def test_a_row_with_a_nul_has_a_fault():
    assert "NUL" in next(iter(csv_rows("sku,name\n1,a\0b\n"))).fault


def test_a_stream_that_cannot_be_rewound_is_copied():
    assert len(read_csv(OneWay(b"sku\n1\n"))) == 1


def test_a_cell_of_five_megabytes_is_read():
    text = "x" * 5_000_000
    assert next(iter(csv_rows(f"sku\n{text}\n")))["sku"] == text


def test_a_cell_beyond_the_limit_is_refused_with_its_row(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.csv_files.CELL_LIMIT", 10)
    before = csv.field_size_limit(10)
    try:
        assert "Row 2" in refusal(csv_rows, f"sku\n1\n{'x' * 11}\n")
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty."),
        ("\n\n", "The file is empty."),
        ("sku,name\n", "The file has a header but no rows."),
        ("sku,,name\n1,2,3\n", "Column 2 has no name in the header."),
        ("sku,name,sku\n1,2,3\n", "The header names a column twice: sku."),
        ("s\0ku\n1\n", "its header holds NULs"),
        (b"PK\x03\x04and more", "The archive is damaged or cut off."),
        ('sku,name\n1,One\n2,"Two\n', "Row 2 cannot be read as CSV: a quote is not closed"),
        ('sku,name\n1,"One', "a quote is not closed, or the file is cut off"),
    ],
)
def test_what_is_no_table_is_refused(content, sentence):
    assert sentence in refusal(csv_rows, content)


def test_a_file_of_another_encoding_is_refused_with_line_and_byte():
    lines = "".join(f"{number},name\n" for number in range(50_000))
    content = f"sku,name\n{lines}last,Été\n".encode("latin-1")
    message = refusal(csv_rows, content)
    assert "Line 50002 is not UTF-8: it holds the byte 0xC9." in message


def test_a_character_cut_in_two_is_refused():
    assert "Line 2 is not UTF-8" in refusal(csv_rows, "sku\né".encode()[:-1])


@pytest.mark.parametrize("encoding", ["klingon", "base64", "a\0b"])
def test_an_encoding_that_is_none_is_refused(encoding):
    assert encoding in refusal(csv_rows, "sku\n1\n", encoding=encoding)


@pytest.mark.parametrize("delimiter", ["", ",,", "\n", '"'])
def test_a_delimiter_that_is_none_is_refused(delimiter):
    assert "one character" in refusal(csv_rows, "sku\n1\n", delimiter=delimiter)


def test_a_missing_column_is_named_with_the_found_ones_and_the_delimiter():
    message = refusal(csv_rows, "sku;name\n1;One\n", required=["sku"])
    assert message == ("Missing column: sku. The file has: sku;name. Is “,” the right delimiter?")


def test_a_missing_column_does_not_quote_a_hundred_others():
    header = ",".join(f"column{number}" for number in range(100))
    assert "column50" not in refusal(csv_rows, f"{header}\n", required=["sku"])


def test_cells_of_a_workbook_become_text():
    rows = read_xlsx(workbook(["sku", "a", "b", "c"], ["00012", 5, 1.5, True], ["=1", 19.99]))
    assert list(rows) == [
        {"sku": "00012", "a": "5", "b": "1.5", "c": "1"},
        {"sku": "", "a": "19.99", "b": "", "c": ""},
    ]


def test_blank_rows_of_a_workbook_keep_the_positions():
    rows = read_xlsx(workbook(["sku"], [], ["1"], [None], ["2"]))
    assert [row.position for row in rows] == [2, 4]
    assert len(rows) == 2


def test_a_workbook_without_a_name_is_read():
    assert len(read_xlsx(File(workbook(["sku"], ["1"]), name=""))) == 1


def test_a_sheet_is_chosen_by_name():
    book = openpyxl.Workbook()
    book.create_sheet("other").append(["sku"])
    book["other"].append(["1"])
    stream = io.BytesIO()
    book.save(stream)
    assert len(read_xlsx(stream, sheet="other")) == 1
    assert "There is no sheet “none”" in refusal(read_xlsx, stream, sheet="none")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"sku,name\n1,One\n", "The file is no XLSX workbook"),
        (b"PK\x03\x04 and nothing more", "The file is no XLSX workbook"),
        (archive(readme="no workbook"), "The file is no XLSX workbook"),
        (workbook(["sku"], ["1"]).read()[:-200], "The file is no XLSX workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "has a password"),
        (workbook().read(), "The file is empty."),
        (workbook(["sku"]).read(), "The file has a header but no rows."),
        (workbook(["sku", None, "name"], [1, 2, 3]).read(), "Column 2 has no name"),
        (workbook(["sku", "sku"], [1, 2]).read(), "names a column twice: sku"),
    ],
)
def test_what_is_no_workbook_is_refused(content, sentence):
    assert sentence in refusal(read_xlsx, ContentFile(content))


def test_a_damaged_entry_is_refused():
    content = bytearray(workbook(["sku"], *[[str(number)] for number in range(500)]).read())
    middle = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[middle : middle + 20] = bytes(20)
    assert "damaged" in refusal(read_xlsx, ContentFile(bytes(content)))


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.archives.SIZE_LIMIT", 1000)
    assert "too large when unpacked" in refusal(read_xlsx, workbook(["sku"], ["1"]))


def test_a_stray_cell_in_the_last_corner_does_not_fill_the_memory():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "sku", "stray"
    stream = io.BytesIO()
    book.save(stream)
    assert "Delete stray cells" in refusal(read_xlsx, stream)


def test_a_sheet_of_cells_without_references_is_measured_too():
    row = b"<row>" + b"<c><v>1</v></c>" * 500 + b"</row>"
    sheet = b"<worksheet><sheetData>" + row + b"<row/>" * 50_000 + b"</sheetData></worksheet>"
    content = archive(**{"[Content_Types].xml": "", "xl/worksheets/sheet1.xml": sheet})
    assert "A sheet is too large" in refusal(read_xlsx, ContentFile(content))


def test_a_sheet_of_thirty_columns_is_measured_and_read():
    names = [f"column{number}" for number in range(30)]
    assert len(read_xlsx(workbook(names, names, names)).columns) == 30


def test_an_escaped_nul_in_a_workbook_is_a_fault():
    assert "NUL" in next(iter(read_xlsx(workbook(["sku"], ["a_x0000_b"])))).fault


def test_a_missing_column_of_a_workbook_is_named():
    message = refusal(read_xlsx, workbook(["code"], ["1"]), required=["sku"])
    assert message == "Missing column: sku. The file has: code."


def test_without_the_extra_the_reader_says_what_to_install(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.xlsx_files.calamine", None)
    assert "pip install django-akeneo-jobs[xlsx]" in refusal(read_xlsx, workbook(["sku"]))


def test_a_header_of_nothing_but_blanks_is_refused():
    assert refusal(csv_rows, " \n1\n") == "Column 1 has no name in the header."


def test_bytes_that_break_the_decoder_twice_are_refused():
    assert "is not PUNYCODE" in refusal(csv_rows, b"\x00\x80", encoding="punycode")
