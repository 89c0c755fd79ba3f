"""Whatever is in a file, its rows can be continued and divided anywhere."""

import csv
import io
import json
from unittest import mock

from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_jobs.io import read_csv, read_json_lines

MANY = settings(max_examples=150, deadline=None, derandomize=True)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32-le", "cp1252", "shift_jis", "utf-7"]
CELL = st.text(st.sampled_from('ab",;\r\n \x0b\x85é€あ'), max_size=6)
TABLES = st.lists(st.lists(CELL, max_size=4), min_size=1, max_size=12)


@st.composite
def csv_files(draw):
    """Return bytes and their encoding."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])))
    writer.writerows([["sku", "name"], *draw(TABLES), ["last", "row"]])
    encoding = draw(st.sampled_from(ENCODINGS))
    return stream.getvalue().encode(encoding, "ignore"), encoding


def places(rows):
    return [(row.position, dict(row), row.cells, row.fault) for row in rows]


def check(rows, count):
    whole = places(rows)
    marks = [json.loads(json.dumps(rows.mark)) for _row in rows]
    for number, mark in enumerate(marks, 1):
        assert places(rows.after(mark)) == whole[number:]
    parts = [places(rows.slice(value)) for value in rows.slices(count)]
    assert sum(parts, []) == whole


@MANY
@given(csv_files(), st.integers(1, 9), st.sampled_from([16, 64 * 1024]))
def test_csv_rows_continue_and_divide_anywhere(file, count, block):
    content, encoding = file
    with mock.patch("akeneo_jobs.io.lines.BLOCK", block):
        check(read_csv(ContentFile(content), encoding=encoding), count)


LINES = st.sampled_from(['{"a": 1}', '{"a": "é\\n"}', "", "  ", "no JSON", "[1]", "{}"])


@MANY
@given(st.lists(LINES, max_size=12), st.integers(1, 9))
def test_json_lines_continue_and_divide_anywhere(lines, count):
    content = "\n".join(['{"a": 0}', *lines]).encode()
    check(read_json_lines(ContentFile(content)), count)
