"""Counting the words of a corpus, and weighing them by category."""

from collections import Counter

import pytest
from tests.tokenizer.conftest import SENTENCES, count

from mecelle.base.collection import write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import ConfigError, InputError
from mecelle.corpus.mixing.targets import Balance, Target
from mecelle.tokenizer import counting
from mecelle.tokenizer.counting import Counts, count_words, weigh
from mecelle.tokenizer.patterns import BOUNDARY, get_pattern
from mecelle.tokenizer.weighting import category_factors

BERT = get_pattern("digits.v1")


def test_words_by_category(corpus):
    found = count_words(corpus, BERT, sample=3, seed=7)
    assert set(found.words) == {"İÇTİHAT Diğer", "HUKUK Sözlük"}
    without_tag = [sentence.replace("[TCKN]", "") for sentence in SENTENCES * 5]
    assert dict(sorted(found.words["İÇTİHAT Diğer"].items())) == count(without_tag)
    assert found.words["HUKUK Sözlük"]["Müsadere"] == 2
    assert found.terms == ["İstinaf", "Müsadere"]
    assert (found.accounts.seen, found.accounts.kept, found.decomposed) == (42, 42, 0)
    assert found.sizes["HUKUK Sözlük"] == len("İstinaf: bir kanun yolu.Müsadere: mala el koyma. Müsadere")


def test_terms_are_counted_outside_dictionaries(corpus):
    for name in ("digits.v1", "llama.v1", "whitespace.v1"):
        found = count_words(corpus, get_pattern(name), sample=1, seed=7).occurrences()
        assert (found["istinaf"], found["İSTİNAF"], found["İstinaf"]) == (5, 5, 0)
        assert found["TBK"] == found["nın"] == 5
        assert "Müsadere" not in found


@pytest.mark.parametrize("name", ["digits.v1", "legal.v1"])
def test_words_are_those_of_the_pattern(tmp_path, name):
    text = "Ankara’nın “kararı” (davacı\n\n md. 49/2"
    write_documents([make_document(text, kind="decision", source="1")], tmp_path / "documents")
    found = count_words(tmp_path, get_pattern(name), sample=1, seed=7)
    assert dict(sorted(found.words["İÇTİHAT Diğer"].items())) == count([text], name)


def test_the_sample_is_even_and_seeded(corpus):
    drawn = {seed: [text for _, text in count_words(corpus, BERT, sample=20, seed=seed).sample] for seed in (7, 8)}
    assert drawn[7] == [text for _, text in count_words(corpus, BERT, sample=20, seed=7).sample] != drawn[8]
    assert len(count_words(corpus, BERT, sample=1_000, seed=7).sample) == 42


def test_rare_words_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(counting, "MOST_WORDS", 4)
    found = Counts()
    found.add(Counts(words={"a": Counter(x=1, y=2, z=5), "b": Counter(x=9)}), sample=1)
    assert found.words["a"] == {"x": 1, "y": 2, "z": 5}
    found.add(Counts(words={"a": Counter(w=1)}), sample=1)
    assert found.words == {"a": {"z": 5}, "b": {"x": 9}}
    assert found.pruned == {"words": 3, "occurrences": 4}


def test_nothing_to_read(tmp_path):
    with pytest.raises(InputError, match="no documents"):
        count_words(tmp_path, BERT, sample=1, seed=7)


def test_weighed_counts_are_rounded_and_never_lost():
    counts = {"a": Counter(x=3, y=1), "b": Counter(x=1, z=7)}
    assert weigh(counts, {}) == {"x": 4, "y": 1, "z": 7}
    assert weigh(counts, {"a": 0.5}) == {"x": 3, "y": 1, "z": 7}  # 2.5 is rounded up
    assert weigh(counts, {"a": 0.1, "b": 0.0}) == {"x": 1, "y": 1}
    assert list(weigh(counts, {"b": 2.0})) == ["x", "y", "z"]


def test_factors_by_first_words_of_a_category():
    sizes = {"MEVZUAT Kanun": 100, "MEVZUAT Tebliğ": 50, "HUKUK DIŞI news": 10}
    assert category_factors(sizes, {"MEVZUAT": 2.0, "MEVZUAT Tebliğ": 3.0}) == {
        "MEVZUAT Kanun": 2.0, "MEVZUAT Tebliğ": 3.0, "HUKUK DIŞI news": 1.0,
    }  # fmt: skip


def test_balance_and_weights():
    sizes = {"İÇTİHAT Yargıtay": 100, "HUKUK Tez": 10, "HUKUK DIŞI news": 5}
    balance = Balance(
        table=None, targets={"İÇTİHAT": Target(amount=50), "HUKUK Tez": Target(factor=8.0)}, most_copies=4
    )
    assert category_factors(sizes, {}, balance) == {
        "İÇTİHAT Yargıtay": 0.5, "HUKUK Tez": 4.0, "HUKUK DIŞI news": 1.0,
    }  # fmt: skip
    assert category_factors(sizes, {"HUKUK Tez": 0.5}, balance)["HUKUK Tez"] == 2.0


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"HUKUK": -1.0}, "allowed is 0"),
        ({"MEVZUAT": 1.0}, "no category 'MEVZUAT'"),
        ({"HUKUK": 0.0}, "every category"),
    ],
)
def test_weights_that_cannot_be(weights, message):
    with pytest.raises(ConfigError, match=message):
        category_factors({"HUKUK Tez": 1}, weights)


def test_headwords_are_not_forgotten(monkeypatch):
    """What is subtracted for the dictionary must still be there."""
    monkeypatch.setattr(counting, "MOST_WORDS", 2)
    found = Counts()
    found.add(Counts(words={"D": Counter(a=1), "K": Counter(a=9, b=1, c=1)}, headwords=Counter(a=1)), sample=1)
    assert found.pruned == {"words": 2, "occurrences": 2}
    assert found.occurrences() == {"a": 9}


def test_the_mark_between_morphemes_is_a_space_in_a_corpus(tmp_path):
    write_documents([make_document(f"kira{BOUNDARY}cı", kind="decision", source="1")], tmp_path / "documents")
    [words] = count_words(tmp_path, BERT, sample=1, seed=7).words.values()
    assert words == {"kira": 1, "cı": 1}
