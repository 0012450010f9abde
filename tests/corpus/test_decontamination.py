from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError, MismatchError
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.gate import check, read_decontaminated, touched_items
from mecelle.corpus.decontamination.items import Domain, EvaluationSet, Item, read_items, read_sets
from mecelle.corpus.decontamination.matching import Match, Matcher
from mecelle.corpus.decontamination.ngrams import generic_phrases
from mecelle.corpus.mixing.balance import balance
from mecelle.corpus.mixing.targets import Balance
from mecelle.corpus.select import SelectConfig, select

QUESTION = "Kiracım altı aydır kirayı ödemiyor, evi boşaltması için ona ihtar çekmem ve sonra dava açmam gerekir mi?"
PROBLEM = "Ali'nin 12 elması var, 7 tanesini Ayşe'ye verirse kaç elması kalır?"


def found(text: str, item: str, *, domain: Domain = "law", make: Any, **config: Any) -> list[Match]:
    matcher = Matcher([Item("set", "q1", item, domain)], Decontamination(**config))
    return matcher.match(make.document(text, "d"))


@pytest.mark.parametrize(
    ("item", "text", "methods"),
    [
        (QUESTION, "önce " + QUESTION + " sonra", ["shared_ngram"]),
        (QUESTION, "KİRACIM ALTI AYDIR KİRAYI ÖDEMİYOR EVİ BOŞALTMASI İÇİN ONA İHTAR ÇEKMEM VE SONRA",
         ["shared_ngram"]),
        (QUESTION, "Kiracım altı aydır kirayı ödemiyor, evi boşaltması için ona ihtar çekmem ve", []),  # 12 words
        ("Kiracı kirayı ödemezse ev sahibi ne yapar?", "x kiracı kirayı ödemezse ev sahibi ne yapar y", []),  # 7 words
        ("Kiracı kirayı ödemezse ev sahibi tam ne yapar?", "x kiracı kirayı ödemezse ev sahibi tam ne yapar y",
         ["shared_ngram"]),
    ],
)  # fmt: skip
def test_thirteen_words_in_a_row(item: str, text: str, methods: list[str], make: Any) -> None:
    assert [match.method for match in found(text, item, make=make)] == methods


def test_what_is_shared_is_measured(make: Any) -> None:
    (match,) = found("önce " + QUESTION, QUESTION, make=make)
    assert match.measured["grams"] == 17 - 13 + 1
    assert match.measured["words"] == 17
    assert match.measured["phrase"].startswith("kiracım altı aydır")
    assert match.measured["of_document"] == round(17 / 18, 4)


def test_mathematics_is_stricter(make: Any) -> None:
    eight_words = "önce 12 elması var, 7 tanesini Ayşe'ye verirse sonra"
    assert not found(eight_words, PROBLEM, make=make)
    assert found(eight_words, PROBLEM, domain="mathematics", make=make)
    assert not found(eight_words.replace("12", "13"), PROBLEM, domain="mathematics", make=make)


def test_generic_phrases_are_no_match_but_for_mathematics(tmp_path: Path, make: Any) -> None:
    lists = (str(tmp_path / "generic.txt"),)
    (tmp_path / "generic.txt").write_text("# a comment\n" + QUESTION + "\n", encoding="utf-8")

    (spared,) = found(QUESTION, QUESTION, make=make, generic_phrases=lists)
    assert spared.method == "generic_only"
    (more,) = found(QUESTION + " Ne yapmalıyım", QUESTION + " Ne yapmalıyım?", make=make, generic_phrases=lists)
    assert more.method == "shared_ngram"  # one n-gram reaches beyond the phrase
    strict = found(QUESTION, QUESTION, domain="mathematics", make=make, generic_phrases=lists)
    assert [match.method for match in strict] == ["shared_ngram"]


def test_shipped_phrases_are_long_enough_to_spare_something() -> None:
    phrases = generic_phrases(["law"])
    assert phrases
    assert min(len(phrase.split()) for phrase in phrases) >= Decontamination().least_item_words
    with pytest.raises(ConfigError, match="'lav' is no shipped list"):
        generic_phrases(["lav"])


def test_a_long_item_is_found_as_a_near_copy_only(make: Any) -> None:
    decision = make.decision(5, end="Hükmün onanmasına karar verildi.")
    copy = make.prose(90) + "\n\n" + decision.replace("davacı", "davaci", 3)
    assert [match.method for match in found(copy, decision, make=make, most_item_words=100)] == ["near_copy"]
    half = decision[: len(decision) // 2]
    assert not found(half, decision, make=make, most_item_words=100)


def test_the_same_decision_from_another_source_is_known_by_its_numbers(make: Any) -> None:
    item = Item("splits", "d1", "x")
    matcher = Matcher([item], Decontamination(), decisions={("yargıtay", "2019/1", "2020/2"): item})
    numbers = {"court": "YARGITAY", "case_number": "2019/1", "decision_number": "2020/2"}
    assert [match.method for match in matcher.match(make.document("Özet.", "other", **numbers))] == ["same_numbers"]
    assert not matcher.match(make.document("Özet.", "other", **numbers | {"decision_number": "2020/3"}))
    assert not matcher.match(make.document("Özet.", "other"))


@pytest.fixture
def corpus(tmp_path: Path, documents: list[Document], make: Any) -> Path:
    asked = make.document(make.decision(30) + "\n\n" + QUESTION, "asked")
    build(make.collection(tmp_path / "in", [*documents, asked]), tmp_path / "corpus", CorpusConfig(), seed=7)
    return tmp_path / "corpus"


def questions(path: Path, *rows: dict[str, Any]) -> Path:
    with JsonlWriter(path) as writer:
        for row in rows:
            writer.write(row)
    return path


def test_the_gate_knows_what_was_checked(tmp_path: Path, corpus: Path) -> None:
    scored = questions(tmp_path / "q.jsonl", {"id": "a", "query": QUESTION}, {"id": "b", "query": "Nafaka nedir?"})
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[scored], snapshot=tmp_path / "s")

    report = read_decontaminated(tmp_path / "training")
    assert report is not None
    assert [(one.name, one.items, one.touched) for one in report.sets] == [("q", 2, 1)]
    assert report.documents == {"shared_ngram": 1}
    assert report.not_judged == 1
    assert touched_items(tmp_path / "training", scored) == {"a"}
    (row,) = read_jsonl(tmp_path / "training" / "touched.jsonl")
    assert (row["item"], row["method"]) == ("a", "shared_ngram")

    assert check(tmp_path / "training", [scored])["checked"][0]["set"] == "q"
    other = questions(tmp_path / "other.jsonl", {"query": "Velayet kime verilir?"})
    with pytest.raises(MismatchError, match=r"was not checked against .*other\.jsonl.*corpus select"):
        check(tmp_path / "training", [other])
    assert touched_items(tmp_path / "training", other) is None
    with pytest.raises(MismatchError, match="was not checked"):
        check(corpus, [scored])
    assert check(corpus, []) == {"checked": []}


def test_what_was_not_looked_for_is_not_checked(tmp_path: Path, corpus: Path) -> None:
    scored = questions(tmp_path / "q.jsonl", {"id": "a", "query": QUESTION})
    nothing = SelectConfig(decontamination=None)
    select(corpus, tmp_path / "training", nothing, evaluation=[scored], snapshot=tmp_path / "s")

    report = read_decontaminated(tmp_path / "training")
    assert report is not None
    assert (report.sets, report.not_judged) == ([], 1)
    with pytest.raises(MismatchError, match="was not checked against"):
        check(tmp_path / "training", [scored])
    assert touched_items(tmp_path / "training", scored) is None


def test_a_part_of_a_file_is_not_the_file(tmp_path: Path, corpus: Path) -> None:
    scored = questions(
        tmp_path / "q.jsonl",
        {"id": "a", "query": QUESTION, "split": "train"},
        {"id": "b", "query": "Velayet boşanma davasında kime ve neden verilir?", "split": "test"},
    )
    part = EvaluationSet(path=scored, where={"split": "test"})
    select(corpus, tmp_path / "part", SelectConfig(), evaluation=[part], snapshot=tmp_path / "s")
    with pytest.raises(MismatchError, match=r"in full \(but for rows \{'split': 'test'\}, fields query, "):
        check(tmp_path / "part", [scored])
    assert touched_items(tmp_path / "part", scored) is None
    assert check(tmp_path / "part", [part])["checked"][0]["where"] == {"split": "test"}

    one_field = EvaluationSet(path=scored, fields=("query",))
    select(corpus, tmp_path / "field", SelectConfig(), evaluation=[one_field], snapshot=tmp_path / "s")
    with pytest.raises(MismatchError, match=r"in full \(but for rows all, fields query\)"):
        check(tmp_path / "field", [scored])

    select(corpus, tmp_path / "whole", SelectConfig(), evaluation=[part, scored], snapshot=tmp_path / "s")
    assert check(tmp_path / "whole", [scored, part, one_field])
    assert touched_items(tmp_path / "whole", scored) == {"a"}


def test_a_report_that_names_no_rows_proves_nothing(tmp_path: Path, corpus: Path) -> None:
    scored = questions(tmp_path / "q.jsonl", {"id": "a", "query": QUESTION})
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[scored], snapshot=tmp_path / "s")
    place = tmp_path / "training" / "decontamination.json"
    old = orjson.loads(place.read_bytes())
    for one in old["sets"]:
        del one["where"], one["fields"]
    place.write_bytes(orjson.dumps(old))

    assert check(tmp_path / "training", [])["checked"][0]["set"] == "q"
    with pytest.raises(MismatchError, match="of an older Mecelle"):
        check(tmp_path / "training", [scored])
    assert touched_items(tmp_path / "training", scored) is None


def test_sets_of_one_name_are_told_apart(tmp_path: Path, corpus: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    one = questions(tmp_path / "one" / "test.jsonl", {"id": "a", "query": QUESTION})
    two = questions(
        tmp_path / "two" / "test.jsonl", {"id": "a", "query": "Velayet boşanma davasında kime ve neden verilir?"}
    )
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[one, two], snapshot=tmp_path / "s")
    report = read_decontaminated(tmp_path / "training")
    assert report is not None
    assert [(one.name, one.items, one.touched) for one in report.sets] == [("test", 1, 1), ("test#2", 1, 0)]
    assert touched_items(tmp_path / "training", one) == {"a"}
    assert touched_items(tmp_path / "training", two) == frozenset()


def test_a_mixture_of_checked_text_is_checked(tmp_path: Path, corpus: Path) -> None:
    scored = questions(tmp_path / "q.jsonl", {"id": "a", "query": QUESTION})
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[scored], snapshot=tmp_path / "s")
    balance(tmp_path / "training", tmp_path / "mixture", Balance(), seed=7)
    assert check(tmp_path / "mixture", [scored])["checked"][0]["set"] == "q"


def test_a_changed_file_is_another_set(tmp_path: Path, corpus: Path) -> None:
    scored = questions(tmp_path / "q.jsonl", {"id": "a", "query": QUESTION})
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[scored], snapshot=tmp_path / "s")
    questions(scored, {"id": "a", "query": QUESTION + " Evet mi?"})
    with pytest.raises(MismatchError):
        check(tmp_path / "training", [scored])


def test_a_held_out_decision_leaves_from_every_source(tmp_path: Path, make: Any) -> None:
    numbers = {"court": "Yargıtay", "case_number": "2019/1001", "decision_number": "2020/5"}
    held = make.document(make.decision(1), "held", **numbers)
    again = make.document(make.prose(77), "again", **numbers)
    quoting = make.document(make.prose(78) + make.decision(1), "quoting")
    other = make.document(make.decision(3), "other")
    off = CorpusConfig.model_validate({"dedup": {"exact": False, "minhash": None}})
    build(make.collection(tmp_path / "in", [held, again, quoting, other]), tmp_path / "corpus", off, seed=7)
    (tmp_path / "splits.json").write_bytes(b'{"decisions": {"train": [], "test": ["held"]}, "questions": {}}')

    select(
        tmp_path / "corpus", tmp_path / "training", SelectConfig(), splits=tmp_path / "splits.json",
        snapshot=tmp_path / "s",
    )  # fmt: skip
    names = {one.id: one.metadata["source_id"] for one in (held, again, quoting, other)}
    left = {names[row["id"]]: row["reason"] for row in read_jsonl(tmp_path / "training" / "excluded.jsonl.zst")}
    assert left == {"held": "held_out", "again": "same_numbers", "quoting": "near_copy"}


def test_sets_of_a_yaml_file(tmp_path: Path) -> None:
    questions(tmp_path / "m.jsonl", {"text": PROBLEM, "split": "test"}, {"text": "Başka bir soru", "split": "train"})
    (tmp_path / "sets.yaml").write_text(
        "- {path: m.jsonl, name: sums, domain: mathematics, where: {split: test}}\n", encoding="utf-8"
    )
    assert list(read_items(read_sets(tmp_path / "sets.yaml"))) == [Item("sums", "q1", PROBLEM, "mathematics")]

    (tmp_path / "sets.yaml").write_text("- {path: m.jsonl, dommain: law}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="dommain"):
        read_sets(tmp_path / "sets.yaml")


@pytest.mark.parametrize("fields", [("premise", "hypothesis"), ("sentence1", "sentence2")])
def test_both_halves_of_a_pair_are_looked_for(tmp_path: Path, corpus: Path, fields: tuple[str, str]) -> None:
    other = "Velayet boşanma davasında kime ve hangi nedenle verilir, bunu kim belirler?"
    scored = questions(
        tmp_path / "q.jsonl",
        {"id": "first"} | dict(zip(fields, (QUESTION, other), strict=True)),
        {"id": "second"} | dict(zip(fields, (other, QUESTION), strict=True)),
        {"id": "short"} | dict(zip(fields, ("Kira nedir?", QUESTION), strict=True)),
        {"id": "none"} | dict(zip(fields, (other, other), strict=True)),
        {"id": "unjudged"} | dict(zip(fields, ("Kira nedir?", "Kira neydi?"), strict=True)),
    )
    select(corpus, tmp_path / "training", SelectConfig(), evaluation=[scored], snapshot=tmp_path / "s")

    assert touched_items(tmp_path / "training", scored) == {"first", "second", "short"}
    report = read_decontaminated(tmp_path / "training")
    assert report is not None
    assert [(one.items, one.touched) for one in report.sets] == [(5, 3)]
    assert (report.documents, report.not_judged) == ({"shared_ngram": 1}, 1)


def test_the_long_half_of_a_pair_is_found_as_a_near_copy(make: Any) -> None:
    long = make.prose(5, words=250)
    matcher = Matcher([Item("set", "q1", "Kira nedir?", more=(long,))], Decontamination())
    assert [match.method for match in matcher.match(make.document("Ek. " + long, "d"))] == ["near_copy"]
    assert matcher.judged == 1


def test_a_set_that_would_guard_nothing_is_refused(tmp_path: Path) -> None:
    path = questions(tmp_path / "q.jsonl", {"text": "x", "split": "train"})
    with pytest.raises(InputError, match="no item in it"):
        list(read_items([EvaluationSet(path=path, where={"split": "test"})]))
    with pytest.raises(InputError, match="no such file"):
        list(read_items([EvaluationSet(path=tmp_path / "absent.jsonl")]))
