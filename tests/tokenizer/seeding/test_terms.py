"""Rows of a list become words."""

import gzip

import pytest

from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.tokenizer.seeding.terms import (
    alternatives,
    clean_terms,
    document_term,
    fault,
    forms,
    read_terms,
    spellings,
    with_dotted_initial,
)


def test_terms_are_cleaned_and_alternatives_parted():
    raw = ["  İBRA ", "ibra", "Gûna (gûne)", "Akit/akid", "«Acir»", "Adem-i ifâ", "I\u0307stinaf", "", "(—)", "Md."]
    assert clean_terms(raw) == ["acir", "adem-i ifâ", "akid", "akit", "gûna", "gûne", "ibra", "istinaf", "md"]


def test_alternatives_keep_their_case_and_lose_their_marks():
    assert alternatives("Ekalliyet(akalliyet)") == ["Ekalliyet", "akalliyet"]
    assert alternatives("1. İhsas.; “İbra”") == ["1. İhsas", "İbra"]
    assert alternatives(" – ") == []


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("ibra", None),
        ("mahkûm", None),
        ("leasing", None),
        ("fax", None),
        ("acele itiraz", "several_words"),
        ("adem-i", "mark_inside"),
        ("kat'i", "mark_inside"),
        ("T.C", "mark_inside"),
        ("49uncu", "mark_inside"),
        ("6098", "numeral"),
        ("IV", "numeral"),
        ("", "empty"),
        ("a" * 51, "too_long"),
    ],
)
def test_faults(term, expected):
    assert fault(term) == expected


def test_forms_are_turkish():
    assert forms("ıslah") == ("ıslah", "Islah", "ISLAH")
    assert forms("ibra") == ("ibra", "İbra", "İBRA")


def test_spellings():
    assert spellings("Hâkim") == ("hâkim", "hakim")
    assert spellings("İBRA") == ("ibra",)
    assert with_dotted_initial("Ihzâr") == "İhzâr"
    assert with_dotted_initial("İhzâr") is None


def test_files_of_terms(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"term": "İbra", "definition": "x"}\n\n{"term": "Acir"}\n')
    assert list(read_terms(tmp_path / "a.jsonl")) == ["İbra", "Acir"]
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"term": "Islah"}\n'))
    assert list(read_terms(tmp_path / "b.jsonl.gz")) == ["Islah"]
    (tmp_path / "c.txt").write_text("\ufeffibra\n\nacir\n")
    assert list(read_terms(tmp_path / "c.txt")) == ["ibra", "acir"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"word": "ibra"}\n', "row 1 has no text in the field 'term'"),
        ("a.jsonl", b"ibra\n", "a.jsonl:1: not JSON"),
        ("a.jsonl", b"[1]\n", "row 1 has no text"),
        ("a.txt", b"", "no seed term"),
        ("a.txt", "ıslah".encode("iso-8859-9"), "not UTF-8"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_terms(tmp_path / name))


def test_a_file_that_is_absent(tmp_path):
    with pytest.raises(InputError, match="no such file of seed terms"):
        list(read_terms(tmp_path / "none.txt"))


def test_terms_of_documents():
    assert document_term(make_document("x", kind="dictionary", source="1", title="İbra")) == "İbra"
    assert document_term(make_document("x", kind="dictionary", source="1", title="b", term="Acir")) == "Acir"
    assert document_term(make_document("x", kind="dictionary", source="1")) is None
    assert document_term(make_document("x", kind="statute", source="1", title="Kanun")) is None
