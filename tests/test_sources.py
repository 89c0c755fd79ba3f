"""Rows can be continued behind a mark and divided, whatever the file."""

import io
import json

import pytest
from django.core.files.base import ContentFile

from akeneo_jobs.exceptions import JobFailed
from akeneo_jobs.io import read_csv, read_json_lines, read_xlsx
from akeneo_jobs.io.lines import BLOCK

from .files import csv_rows, workbook

TABLE = '\nsku,name\r\n1,"One\nand a ""half"""\n\n2,Zwölf\n,\n3,\n4,Four'
NUMBERS = "number,text\n" + "".join(f"{number},é {number}\n" for number in range(12_000))
OBJECTS = "\n".join(json.dumps({"number": number}) for number in range(12_000))
CELLS = [["sku", "name"], [], ["1", "One"], [None], ["2", "Two"], ["3", None]]


@pytest.fixture(params=["csv", "large csv", "utf-16", "cp1252", "jsonl", "xlsx"])
def rows(request):
    readers = {
        "csv": lambda: csv_rows(TABLE),
        "large csv": lambda: csv_rows(NUMBERS),
        "utf-16": lambda: csv_rows(TABLE.encode("utf-16"), encoding="utf-16"),
        "cp1252": lambda: csv_rows(TABLE.encode("cp1252"), encoding="cp1252"),
        "jsonl": lambda: read_json_lines(ContentFile(OBJECTS.encode())),
        "xlsx": lambda: read_xlsx(workbook(*CELLS)),
    }
    return readers[request.param]()


def places(rows):
    return [(row.position, dict(row)) for row in rows]


def marks(rows):
    """Return the marks of a few rows, as they come back from a checkpoint."""
    chosen = range(1, len(rows) + 1, max(1, len(rows) // 7))
    return [
        (count, json.loads(json.dumps(rows.mark)))
        for count, _row in enumerate(rows, 1)
        if count in chosen
    ]


def test_behind_each_mark_come_the_rows_that_are_left(rows):
    whole = places(rows)
    for count, mark in marks(rows):
        assert places(rows.after(mark)) == whole[count:]


def test_slices_together_are_the_whole(rows):
    values = json.loads(json.dumps(rows.slices(4)))
    parts = [rows.slice(value) for value in values]
    assert [row for part in parts for row in places(part)] == places(rows)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_slice_can_be_continued_and_divided_itself(rows):
    part = rows.slice(rows.slices(2)[0])
    whole = places(part)
    for count, mark in marks(part):
        assert places(part.after(mark)) == whole[count:]
    pieces = [row for value in part.slices(3) for row in places(part.slice(value))]
    assert pieces == whole


def test_there_are_no_more_slices_than_rows():
    rows = csv_rows(TABLE)
    assert [len(rows.slice(value)) for value in rows.slices(100)] == [1, 1, 1, 1]


def test_without_a_mark_the_rows_come_from_the_start(rows):
    assert rows.mark is None
    assert places(rows.after(None)) == places(rows)


def test_nothing_is_yielded_of_a_file_that_cannot_be_read_to_its_end():
    rows = csv_rows(NUMBERS.encode() + b"last,\xff")
    with pytest.raises(JobFailed, match="Line 12002 is not UTF-8"):
        iter(rows)
    assert next(rows.after(None))["number"] == "0"


def test_what_lies_before_a_mark_is_not_read():
    class Watched(io.BytesIO):
        size = 0

        def read(self, size=-1):
            content = super().read(size)
            self.size += len(content)
            return content

    rows = csv_rows(NUMBERS)
    (mark,) = (rows.mark for row in rows if row.position == 11_991)
    file = Watched(NUMBERS.encode())
    assert len(list(read_csv(file).after(mark))) == 9
    assert file.size < 2 * BLOCK


def test_a_later_error_is_a_sentence_when_it_is_reached():
    rows = csv_rows(NUMBERS + 'last,"never closed')
    assert next(rows.after(None))
    with pytest.raises(JobFailed, match="Row 12001 cannot be read as CSV: a quote is not closed"):
        list(rows.after(None))


def test_very_many_marks_are_not_remembered(monkeypatch):
    monkeypatch.setattr("akeneo_jobs.io.text_rows.STRIDE", 10)
    monkeypatch.setattr("akeneo_jobs.io.text_rows.MARKS", 20)
    rows = csv_rows(NUMBERS)
    assert [len(rows.slice(value)) for value in rows.slices(3)] == [4_000, 4_000, 4_000]
    assert len(rows._marks) <= 20


@pytest.mark.parametrize("line", ["\r", "\n", "\r\n"])
def test_each_line_end_is_known(line):
    rows = csv_rows(NUMBERS.replace("\n", line))
    assert len(rows) == 12_000
    assert [row["number"] for row in rows.slice(rows.slices(3)[2])][0] == "8000"
