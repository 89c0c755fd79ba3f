import pytest

from .files import json_rows, refusal


def test_objects_keep_their_values_and_places():
    rows = json_rows('\n{"sku": "1", "price": {"EUR": 1.5}}\r\n \n{"sku": null, "tags": ["a"]}')
    assert list(rows) == [{"sku": "1", "price": {"EUR": 1.5}}, {"sku": None, "tags": ["a"]}]
    assert [row.position for row in rows] == [2, 4]
    assert rows.columns == ("sku", "price")
    assert len(rows) == 2


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert json_rows(b'\xef\xbb\xbf{"sku": 1}').columns == ("sku",)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("no JSON", "The line is no JSON."),
        ('{"sku": NaN}', "The line is no JSON."),
        ('{"sku": "cut off', "The line is no JSON."),
        ("[" * 100_000, "The line is no JSON."),
        ("9" * 10_000, "The line is no JSON."),
        ("[1, 2]", "The line is JSON, but no object."),
        ('{"name": "x"}', "The row has no “sku”."),
        ('{"sku": ["a\\u0000b"]}', "The row holds a NUL character."),
    ],
)
def test_a_line_that_is_no_row_has_a_fault_and_stops_nothing(line, fault):
    first, odd, last = json_rows(f'{{"sku": 1}}\n{line}\n{{"sku": 3}}\n', required=["sku"])
    assert (first.fault, odd.fault, last.fault) == (None, fault, None)
    assert odd.position == 2
    assert odd.cells.strip() == line


def test_an_escaped_backslash_before_u0000_is_no_fault():
    (row,) = json_rows('{"path": "C:\\\\u0000"}')
    assert row.fault is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty."),
        ("\n \n", "The file is empty."),
        ("sku,name\n1,One\n", "The first line is no JSON object."),
        ('[{"sku": 1}]', "The first line is no JSON object."),
        ('{\n"sku": 1\n}', "The first line is no JSON object."),
        (b'{"sku": 1}\n' + b"\xff", "Line 2 is not UTF-8: it holds the byte 0xFF."),
    ],
)
def test_what_is_no_json_lines_is_refused(content, sentence):
    assert sentence in refusal(json_rows, content)


def test_a_missing_key_of_the_first_line_is_refused():
    message = refusal(json_rows, '{"code": 1}', required=["sku"])
    assert message == "Missing column: sku. The file has: code."
