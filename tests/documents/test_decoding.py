"""Encodings that Turkish files come in."""

import pytest

from mecelle.documents.decoding import UndecodableError, decode

TEXT = "Şikâyetçi, İğdır'daki ağır suç için “tutukluluk” istedi; gün ışığı çok öğretici – §5."


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1254", "cp1254"),
    ],
)
def test_turkish_encodings(encoding, found):
    decoded = decode(TEXT.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.damaged) == (TEXT, found, 0)


def test_latin5_with_control_characters_where_windows_has_none():
    text = "Davacı ağır şüphe\x81 altında"
    assert decode(text.encode("iso-8859-9")).text == text


def test_a_few_damaged_bytes_stay_visible():
    data = (TEXT * 50).encode()
    decoded = decode(data[:100] + b"\xff" + data[100:])
    assert decoded.damaged == decoded.text.count("\ufffd") > 0
    assert decoded.text.count("ğ") >= 195


def test_other_alphabets_are_not_read_as_turkish():
    text = "Настоящий закон регулирует отношения сторон по договору аренды жилых помещений. " * 5
    assert decode(text.encode("cp1251")).text == text


def test_declared_encoding_is_believed_only_if_it_fits():
    text = "Настоящий закон"
    assert decode(text.encode("koi8-r"), declared="koi8-r").text == text
    assert decode(TEXT.encode(), declared="iso-8859-1").text == TEXT
    assert decode(TEXT.encode("cp1254"), declared="iso-8859-1").text == TEXT
    assert decode(TEXT.encode("cp1254"), declared="no-such").text == TEXT
    assert decode(TEXT.encode("cp1254"), declared="undefined").text == TEXT


def test_binary_is_refused():
    with pytest.raises(UndecodableError, match="no text file"):
        decode(b"\x01\x02\x03\x04abc\x05\x06" * 100)
