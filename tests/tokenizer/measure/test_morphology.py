"""Where tokenizers cut words, and which tokens a text took."""

import gzip

import orjson
import pytest

from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.counts import count
from mecelle.tokenizer.measure.morphology import cuts_of, draw_gold, tokens
from mecelle.tokenizer.measure.subwords import FastTokenizer
from mecelle.tokenizer.measure.texts import lines_of


def test_cuts_are_inside_the_word(fast, byte_level):
    assert list(cuts_of(fast)("kiracı")) == [4]
    assert list(cuts_of(fast)("xyz")) == []  # unknown as a whole
    cut = cuts_of(FastTokenizer(byte_level))
    assert list(cut("kiracı")) == []  # one token with its space
    assert list(cut("öde")) == [1, 2]  # the space, two bytes of ö, d, e


def test_tokens_of_a_vocabulary_and_of_a_text(byte_level):
    tokenizer = FastTokenizer(byte_level)
    found = tokens(tokenizer, count(tokenizer, [lines_of("a kira ö")]), analyser="akana.v1")
    # a, " kira", the space; the two bytes of ö are no text
    assert found.used.unique == 2
    assert found.vocabulary.unique > 90


def test_gold_is_drawn_by_the_seed(tmp_path):
    path = tmp_path / "gold.jsonl.gz"
    forms = [("evler", "ev"), ("evden", "ev"), ("yolda", "yol"), ("kapıda", "kapı")]
    cases = {"er": "Nom", "en": "Abl", "da": "Loc"}
    with gzip.open(path, "wb") as file:
        for form, lemma in forms:
            number = "Plur" if form == "evler" else "Sing"
            feats = f"Case={cases[form[-2:]]}|Number={number}|Person=3"
            file.write(orjson.dumps({"form": form, "lemma": lemma, "upos": "NOUN", "feats": feats}) + b"\n")
    whole = draw_gold(path, most=10, seed=7)
    assert {word.form: word.cuts for word in whole} == {"evler": (2,), "evden": (2,), "yolda": (3,), "kapıda": (4,)}
    drawn = {tuple(word.form for word in draw_gold(path, most=2, seed=seed)) for seed in range(20)}
    assert len(drawn) > 1
    assert all(list(forms) == sorted(forms) and len(forms) == 2 for forms in drawn)
    assert draw_gold(path, most=2, seed=3) == draw_gold(path, most=2, seed=3)


def test_no_gold(tmp_path):
    with pytest.raises(InputError, match="no such treebank"):
        draw_gold(tmp_path / "absent", most=1, seed=7)
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(InputError, match="no word whose split"):
        draw_gold(tmp_path / "empty.jsonl", most=1, seed=7)
