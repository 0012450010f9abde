"""Which terms become seeds."""

import gzip

import pytest

from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.tokenizer.seeding import choose, clean_terms, document_term, is_one_word, read_terms


def test_terms_are_cleaned_and_alternatives_parted():
    raw = ["  İBRA ", "ibra", "Gûna (gûne)", "Akit/akid", "«Acir»", "Adem-i ifâ", "I\u0307stinaf", "", "(1)"]
    assert clean_terms(raw) == ["1", "acir", "adem-i ifâ", "akid", "akit", "gûna", "gûne", "ibra", "istinaf"]


@pytest.mark.parametrize(
    ("term", "expected"),
    [("ibra", True), ("acele itiraz", False), ("adem-i", False), ("kat'i", False), ("1", True), ("49uncu", False)],
)
def test_one_word(term, expected):
    assert is_one_word(term) is expected


def test_each_term_is_kept_or_dropped_with_its_reason():
    counts = {"ibra": 2, "İBRA": 3, "istinaf": 9, "acir": 1, "hâkim": 4}
    terms = ["acele itiraz", "acir", "hâkim", "ibra", "istinaf", "müsadere"]
    seeds = choose(terms, counts, least_occurrences=2, room=7)
    assert [(one.term, one.occurrences) for one in seeds.kept] == [("ibra", 5), ("istinaf", 9)]
    assert seeds.tokens == ["ibra", "İbra", "İBRA", "istinaf", "İstinaf", "İSTİNAF"]
    assert {one.term: one.reason for one in seeds.dropped} == {
        "acele itiraz": "several_words",
        "acir": "not_in_corpus",
        "hâkim": "no_room",
        "müsadere": "not_in_corpus",
    }


def test_files_of_terms(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"term": "İbra", "definition": "x"}\n\n{"term": "Acir"}\n')
    assert list(read_terms(tmp_path / "a.jsonl")) == ["İbra", "Acir"]
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"term": "Islah"}\n'))
    assert list(read_terms(tmp_path / "b.jsonl.gz")) == ["Islah"]
    (tmp_path / "c.txt").write_text("ibra\n\nacir\n")
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
