"""Questions typed without Turkish letters find what those with them do; these are searched as ever."""

import json
from pathlib import Path

import numpy as np
import pytest

from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.spelling import asked_words, spellings
from mecelle.text.casing import ascii_fold, upper
from mecelle.text.stemming import search_terms

KNOWN = {"işçi", "alacak", "söz", "soz", "su", "kira", "1", "dava", "daval"}
QUESTIONS = ["kiracı kirayı ödemezse ne olur", "İŞÇİ KIDEM TAZMİNATI ALACAĞINI İSTER Mİ", "özenle kullanır"]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spelling")
    texts = [
        "Kiracı kira bedelini ödemezse kiraya veren sözleşmeyi fesheder.",
        "Kiracı kiralananı özenle kullanır ve komşulara saygı gösterir.",
        "İşçi kıdem tazminatı alacağını istemiştir.",
        "Trafik kazasında ölüm nedeniyle tazminat istenmiştir. Ölüm olgusu bellidir.",
        "Su hakkı ve su yolu.",
    ]
    lines = "".join(json.dumps({"id": str(n), "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(texts))
    (folder / "metinler.jsonl").write_text(lines, encoding="utf-8")
    build(folder / "metinler.jsonl", folder / "index", IndexConfig(mode="bm25"), workers=1)
    with Searcher(folder / "index") as opened:
        yield opened


def asked(question: str) -> dict[str, tuple[str, ...]]:
    return {one.typed: one.terms for one in asked_words(question, method="snowball", is_known=KNOWN.__contains__)}


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_turkish_letters_the_same_is_found(searcher, question):
    wanted = [(hit.source_id, pytest.approx(hit.score)) for hit in searcher.search(question)]
    assert wanted
    plain = ascii_fold(question)
    for typed in (plain, plain.upper(), plain.lower()):
        assert [(hit.source_id, hit.score) for hit in searcher.search(typed)] == wanted


def test_words_that_were_meant_are_marked(searcher):
    hit = searcher.search("isci alacagi")[0]
    assert {hit.passage[start:end] for start, end in hit.spans} == {"İşçi", "alacağını"}


def test_a_word_means_all_its_spellings_that_the_index_knows():
    assert asked("soz") == {"soz": ("soz", "söz")}
    assert asked("ISCI ALACAGI") == {"ıscı": ("işçi",), "alacagı": ("alacak",)}
    assert asked("kira 1 qqq") == {"kira": ("kira",), "1": ("1",), "qqq": ("qqq",)}


def test_a_question_with_turkish_letters_means_what_it_says():
    assert asked("söz soz") == {"söz": ("söz",), "soz": ("soz",)}
    assert asked("söz isci") == {"söz": ("söz",), "isci": ("işçi",)}  # it would find nothing otherwise


def test_stop_words_without_turkish_letters_are_none_but_known_words_are():
    assert asked("icin gore su") == {"su": ("su",)}
    assert asked("su için") == {"su": ("su",)}


def test_long_words_have_a_bounded_number_of_spellings():
    assert len(spellings("gumusgoluguculuksuzlugunuz" * 3)) == 4_096
    assert spellings("2019/1c") == ("2019/1c",)


def test_several_terms_of_a_word_score_as_one_term():
    """Documents that spell a word in two ways score as if they all spelt it in one."""
    spelt = Bm25.build([("a", "mahkeme işçi"), ("b", "mahkeme işci"), ("c", "dava"), ("d", "kira")])
    one = Bm25.build([("a", "mahkeme işçi"), ("b", "mahkeme işçi"), ("c", "dava"), ("d", "kira")])
    found = spelt.scores_of_words([("işçi", "işci"), tuple(search_terms("mahkeme"))])
    assert np.allclose(found, one.scores("mahkeme işçi"), rtol=1e-6)
    assert np.array_equal(spelt.scores_of_words([("işçi",), ("kira",)]), spelt.scores("işçi kira"))
    assert not Bm25.build([("a", "ve")]).scores_of_words([("kira", "kıra")]).any()


def test_upper_case_by_turkish_rules_is_right_spelling():
    question = upper("özenle kullanır")
    words = asked_words(question, method="snowball", is_known=lambda _: True)
    assert [one.terms for one in words] == [(term,) for term in search_terms(question)]


def test_spellings_hold_the_right_one_of_every_word_of_the_sample(searcher):
    texts = " ".join(hit.passage for hit in searcher.search("kiracı işçi tazminat su", k=10))
    for word in {word for word in texts.lower().split() if word.isalpha() and "̇" not in word}:
        assert word in spellings(ascii_fold(word)) or not search_terms(word), word


def test_the_index_is_not_made_anew_for_it(tmp_path: Path, searcher):
    assert searcher.manifest.version == 2
