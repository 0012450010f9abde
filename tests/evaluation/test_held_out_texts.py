"""Texts by domain, and the passages that are drawn of them."""

from collections import Counter
from itertools import takewhile
from pathlib import Path

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.splits import Splits
from mecelle.evaluation.tasks.texts import HeldOutText, _standard_rows, data_hash, draw, read_texts
from mecelle.text.words import words

LONG = " ".join(f"kelime{number}," for number in range(50))


def collection(count: int, domain: str = "tax") -> list[HeldOutText]:
    return [HeldOutText(f"{domain}{number}", domain, f"{domain}{number} {LONG}") for number in range(count)]


def test_passages_have_the_words_asked_for():
    drawn = draw(collection(30), per_domain=10, words=20, seed=1)["tax"]
    assert len(drawn) == len({one.id for one in drawn}) == 10
    assert {len(words(one.text)) for one in drawn} == {20}
    whole = {one.id: one.text for one in collection(30)}
    assert all(one.text in whole[one.id] for one in drawn)


def test_the_seed_decides_and_domains_do_not_disturb_one_another():
    def ids(texts, seed):
        return [one.text for one in draw(texts, per_domain=5, words=20, seed=seed)["tax"]]

    alone, beside = collection(30), collection(30) + collection(9, "health")
    assert ids(alone, 1) == ids(beside, 1) != ids(alone, 2)


def test_short_documents_are_passed_over():
    texts = [*collection(2), HeldOutText("short", "tax", "kısa metin"), HeldOutText("s2", "health", "kısa")]
    drawn = draw(texts, per_domain=5, words=20, seed=1)
    assert {one.id for one in drawn["tax"]} == {"tax0", "tax1"}
    assert "health" not in drawn
    with pytest.raises(InputError, match="none of 1 texts has 20 words"):
        draw(texts[-1:], per_domain=5, words=20, seed=1)


def test_whole_documents():
    assert draw(collection(1), per_domain=5, words=None, seed=1)["tax"] == collection(1)


def test_texts_of_ones_own(write_rows):
    path = write_rows("own.jsonl", [{"id": 1, "truth": "vergi", "branch": "TL"}, {"id": 2, "truth": "rekabet"}])
    found = read_texts({"eurohpc": path}, field="truth", by="branch")
    assert [(one.id, one.domain, one.text) for one in found] == [
        ("eurohpc:1", "eurohpc-TL", "vergi"),
        ("eurohpc:2", "eurohpc-unknown", "rekabet"),
    ]
    with pytest.raises(InputError, match="no text in 'text'; found the fields id, truth, branch"):
        read_texts({"eurohpc": path})


def test_ids_that_are_missing_or_stand_twice_are_told_apart(write_rows):
    rows = [{"id": None, "text": "a"}, {"id": 7, "text": "b"}, {"text": "c"}, {"id": "7", "text": "d"}]
    found = read_texts({"x": write_rows("own.jsonl", rows)})
    assert [one.id for one in found] == ["x:1", "x:7", "x:3", "x:7#2"]


def test_absent_and_empty_files(tmp_path, write_rows):
    with pytest.raises(InputError, match="no such file"):
        read_texts({"x": tmp_path / "absent.jsonl"})
    with pytest.raises(InputError, match="no rows"):
        read_texts({"x": write_rows("empty.jsonl", [])})


def test_the_hash_is_of_ids_and_texts():
    a, b = HeldOutText("a", "d", "x"), HeldOutText("b", "d", "x")
    assert data_hash([a]) != data_hash([b]) != data_hash([HeldOutText("b", "d", "y")])


def test_the_standard_texts(real_data, repository: Path):
    splits = Splits.load(repository / "docs" / "splits.json").decisions
    rows = takewhile(lambda row: not row[0].startswith("general"), _standard_rows(real_data, splits["test"]))
    found = [(domain, row["id"]) for domain, row in rows]
    counts = Counter(domain for domain, _ in found)
    assert counts["decisions-danistay"] == 67
    assert counts.keys() == {"decisions-danistay", "decisions-yargitay", "decisions-aym", "statutes", "regulations"}
    assert len({name for _, name in found}) == len(found)
    decisions = {name for domain, name in found if domain.startswith("decisions")}
    assert decisions <= set(splits["test"])
    assert not decisions & set(splits["development"])
