"""Passages: offsets, sizes, articles, and nothing lost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document, make_document
from mecelle.documents.config import ExtractConfig
from mecelle.documents.making import make
from mecelle.documents.passages import passages
from mecelle.documents.records import Record
from mecelle.documents.rows import to_record
from mecelle.text.words import words

SENTENCE = "Davacı vekili dava dilekçesinde müvekkilinin haklı olduğunu ileri sürmüştür."  # nine words


def document(text: str, **metadata: object) -> Document:
    return make_document(text, source="s", **({"kind": "decision"} | metadata))


def test_statutes_are_cut_by_article(act):
    found = passages(document(act, kind="statute", law_number="9101"))
    assert [(p.article, p.heading) for p in found] == [(None, None), ("9101:m1", "Amaç"), ("9101:m2", "Kapsam")]
    assert found[2].text == "MADDE 2 – Bu Kanun, İğdır ilindeki taşınmazlara uygulanır. Kiracı öder."


def test_a_contract_has_article_keys_without_a_law_number(act):
    found = passages(document(act, kind="contract"))
    assert [p.article for p in found] == [None, "m1", "m2"]


def test_what_follows_the_last_article_is_a_passage(act):
    found = passages(document(act + "\n\n[1] 5/5/2020 tarihli değişiklik.", kind="statute"))
    assert (found[-1].article, found[-1].text) == (None, "[1] 5/5/2020 tarihli değişiklik.")


def test_a_number_that_comes_again_has_its_own_key(act):
    found = passages(document(act + "\n\nMADDE 2 – Geçiş hükmü.", kind="statute", law_number="9101"))
    assert [p.article for p in found][-2:] == ["9101:m2", "9101:m2#2"]


def test_a_document_that_is_one_article():
    row = {"kind": "article", "heading": "Amaç", "law_number": "6098", "article": "264"}
    [found] = passages(document("Madde 264 – Metin.", **row, source_id="6098:m264"))
    assert (found.article, found.heading) == ("6098:m264", "Amaç")
    [found] = passages(document("Madde 264 – Metin.", **row))
    assert found.article == "6098:m264"


def test_paragraphs_that_fit_are_not_cut():
    text = "\n".join([" ".join([SENTENCE] * 3)] * 5)
    found = passages(document(text), most_words=65, overlap_words=10)
    assert [p.text.count("\n") + 1 for p in found] == [2, 2, 1]


def test_a_long_paragraph_is_cut_between_sentences_with_overlap():
    text = " ".join(f"{number}. sırada {SENTENCE}" for number in range(30))
    found = passages(document(text), most_words=50, overlap_words=12)
    assert all(p.text.endswith("sürmüştür.") and len(words(p.text)) <= 50 for p in found)
    assert all(later.start < earlier.end for earlier, later in pairwise(found))


def test_only_a_sentence_that_is_too_long_is_cut_between_words():
    text = " ".join(f"kelime{number}" for number in range(500))
    found = passages(document(text), most_words=100, overlap_words=20)
    assert [len(words(p.text)) for p in found] == [100] * 5
    assert " ".join(p.text for p in found) == text


def test_ids_are_numbered_and_an_empty_text_has_none():
    found = passages(document("\n".join([SENTENCE] * 60)))
    assert [p.id for p in found] == [f"{found[0].document_id}:{number}" for number in range(len(found))]
    assert passages(document(" \n ")) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=12),
    st.integers(5, 60),
    st.integers(0, 4),
)
def test_every_word_is_in_a_passage_and_none_is_too_long(paragraphs, most_words, overlap_words):
    text = "\n\n".join(" ".join("Söz " + "söz " * (n - 1) + "bitti." for n in paragraph) for paragraph in paragraphs)
    found = passages(document(text), most_words=most_words, overlap_words=overlap_words)
    assert all(p.text == text[p.start : p.end] and len(words(p.text)) <= most_words for p in found)
    covered = {place for p in found for place in range(p.start, p.end)}
    assert all(place in covered for place, letter in enumerate(text) if not letter.isspace())
    assert [p.end for p in found] == sorted({p.end for p in found})


@pytest.mark.real_data
def test_articles_of_a_real_act(real_data):
    rows = read_jsonl(real_data / "legal" / "statutes.jsonl.gz")
    record = to_record(next(row for row in rows if row["number"] == "6098"), "1", ExtractConfig())
    assert isinstance(record, Record)
    act = make(record, "statutes.jsonl.gz", ExtractConfig())
    assert isinstance(act, Document)
    assert act.metadata["law_number"] == "6098"
    articles = {p.article for p in passages(act)}
    assert {f"6098:m{number}" for number in range(1, 650)} - articles <= {"6098:m428"}  # printed without its dash
