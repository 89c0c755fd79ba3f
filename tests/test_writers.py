import datetime
import io
from decimal import Decimal

import pytest

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io import (
    CsvWriter,
    JsonLinesWriter,
    XlsxWriter,
    read_csv,
    read_json_lines,
    read_xlsx,
)

TRICKY = {
    "sku": "00012",
    "formula": "=1+1",
    "error": "#N/A",
    "lines": "a\r\nb\n\x0bc",
    "escape": "_x000D_",
    "quotes": 'say "hi", please',
    "spaces": " lead",
}


@pytest.mark.parametrize(("writer", "reader"), [(CsvWriter, read_csv), (XlsxWriter, read_xlsx)])
def test_text_comes_back_as_it_was(writer, reader):
    stream = io.BytesIO()
    with writer(stream, TRICKY) as out:
        out.write(TRICKY)
    assert list(reader(stream)) == [TRICKY]


@pytest.mark.parametrize(("writer", "reader"), [(CsvWriter, read_csv), (XlsxWriter, read_xlsx)])
def test_values_of_other_types_are_written_for_people(writer, reader):
    row = {
        "price": Decimal("19.90"),
        "no": False,
        "yes": True,
        "none": None,
        "date": datetime.date(2020, 1, 2),
    }
    stream = io.BytesIO()
    with writer(stream, [*row, "absent"]) as out:
        out.write(row)
    (read,) = reader(stream)
    assert Decimal(read.pop("price")) == Decimal("19.90")
    assert read == {"no": "0", "yes": "1", "none": "", "date": "2020-01-02", "absent": ""}


def test_csv_is_written_with_the_delimiter_and_encoding_asked_for():
    stream = io.BytesIO()
    with CsvWriter(stream, ["a", "b"], delimiter=";", encoding="cp1252") as out:
        out.write({"a": "é", "b": "€", "unknown": "left out"})
    assert stream.getvalue() == "a;b\r\né;€\r\n".encode("cp1252")


def test_a_character_that_the_encoding_lacks_is_a_sentence():
    out = CsvWriter(io.BytesIO(), ["a"], encoding="latin-1")
    with pytest.raises(JobFailed, match="“€” cannot be written in latin-1"):
        out.write({"a": "€"})


def test_a_text_too_long_for_a_cell_is_refused_not_cut():
    with (
        pytest.raises(JobFailed, match="too long for XLSX"),
        XlsxWriter(io.BytesIO(), ["a"]) as out,
    ):
        out.write({"a": "x" * 32_768})


def test_without_the_extra_the_writer_says_what_to_install(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.writers.openpyxl", None)
    with pytest.raises(JobFailed, match="pip install"):
        XlsxWriter(io.BytesIO(), ["a"])


def test_many_rows_are_written_at_once_and_flushed():
    stream = io.BytesIO()
    out = CsvWriter(stream, ["a"], header=False)
    out.write_many({"a": number} for number in range(3))
    out.flush()
    assert stream.getvalue() == b"0\r\n1\r\n2\r\n"


def test_a_character_that_the_encoding_lacks_is_a_sentence_among_many_rows_too():
    out = CsvWriter(io.BytesIO(), ["a", "b"], encoding="latin-1")
    with pytest.raises(JobFailed, match="“€” cannot be written in latin-1"):
        out.write_many([{"a": "x", "b": "é"}, {"a": "€", "b": ""}])


def test_json_lines_come_back_as_they_were():
    rows = [{"sku": "É\n1", "values": {"price": [1.5, None, True]}}, {}]
    stream = io.BytesIO()
    with JsonLinesWriter(stream) as out:
        out.write_many(rows)
    assert stream.getvalue().count(b"\n") == 2
    assert list(read_json_lines(stream)) == rows


def test_json_lines_take_dates_and_decimals_as_text():
    stream = io.BytesIO()
    JsonLinesWriter(stream).write({"date": datetime.date(2020, 1, 2), "price": Decimal("1.50")})
    assert stream.getvalue() == b'{"date": "2020-01-02", "price": "1.50"}\n'
