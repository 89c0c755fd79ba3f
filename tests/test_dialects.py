"""Delimiters, quotes and encodings: named, found, or refused."""

import pytest

from akeneo_jobs.io import decoding

from .files import csv_rows, refusal

LAST = "sku,name\n" + "1,One\n" * 20_000 + "last,Éclair au café\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    content = 'sku,name,note\n1,"a;b|c, d",\n2,x|y;z,"long\nnote"\n'
    rows = csv_rows(content.replace(",", delimiter), delimiter=None)
    assert rows.columns == ("sku", "name", "note")


def test_a_single_column_needs_no_delimiter():
    assert csv_rows("sku\n1;2\n", delimiter=None).columns == ("sku",)


def test_required_columns_tell_the_delimiter():
    rows = csv_rows("sku,a;b\n1,2;3\n", delimiter=None, required=["sku"])
    assert rows.columns == ("sku", "a;b")


def test_a_delimiter_that_nobody_can_tell_is_refused():
    assert "cannot be told" in refusal(csv_rows, "a,b;c\n1,2;3\n", delimiter=None)


def test_a_broken_encoding_is_refused_while_the_delimiter_is_looked_for():
    assert "Line 2 is not UTF-8" in refusal(csv_rows, b"sku;name\n1;\xff\n", delimiter=None)


def test_a_quote_can_be_another_or_none():
    assert list(csv_rows("sku,name\n1,'a,b'\n", quote="'")) == [{"sku": "1", "name": "a,b"}]
    assert list(csv_rows('sku,name\n1,"a\n', quote="")) == [{"sku": "1", "name": '"a'}]


@pytest.mark.parametrize("quote", ["''", ",", "\n", "\0"])
def test_a_quote_that_is_none_is_refused(quote):
    assert "The quote must be one character" in refusal(csv_rows, "sku\n1\n", quote=quote)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_encoding_is_found_by_its_mark(encoding):
    rows = csv_rows("sku,name\n1,Été\n".encode(encoding), encoding=None)
    assert list(rows) == [{"sku": "1", "name": "Été"}]


def test_what_is_no_utf_8_is_refused_with_a_guess_and_never_decoded_by_it():
    message = refusal(csv_rows, LAST.encode("cp1252"), encoding=None)
    assert "Line 20002 is not UTF-8: it holds the byte 0xC9." in message
    assert message.endswith("It looks like CP1252.")


def test_utf_16_that_is_read_as_utf_8_is_recognised():
    message = refusal(csv_rows, "sku\n1\n".encode("utf-16"))
    assert "Line 1 is not UTF-8" in message
    assert message.endswith("It looks like UTF-16.")


def test_cyrillic_is_guessed_where_the_package_for_it_is_installed():
    pytest.importorskip("charset_normalizer")
    text = "Настольная лампа с абажуром из стекла и длинным проводом"
    message = refusal(csv_rows, f"sku,name\n1,{text}\n".encode("cp1251"))
    assert message.endswith("It looks like CP1251.")


def test_without_that_package_there_is_no_such_guess(monkeypatch):
    monkeypatch.setattr(decoding, "charset_normalizer", None)
    assert "It looks like" not in refusal(csv_rows, "sku\nНастольная\n".encode("cp1251"))


def test_nothing_but_sound_text_is_read_in_an_encoding_of_many_bytes():
    content = "sku,name\n1,日本\n".encode("shift_jis") + b"\x81"
    assert "is not SHIFT_JIS" in refusal(csv_rows, content, encoding="shift_jis")
