"""Labelled files become pairs: NLI, graded sentences, a user's own; several artifacts become one."""

from pathlib import Path

import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.seeds import derive
from mecelle.embedding.pairs.imported import ImportConfig, import_pairs
from mecelle.embedding.pairs.mix import BlendConfig, blend
from mecelle.embedding.pairs.record import Draft, Pair, make_pair, read_held_out, read_pairs, write_pairs
from mecelle.embedding.pairs.tables import Columns

NLI = """premise,hypothesis,label
Kadın koşuyor.,Biri koşuyor.,entailment
Kadın koşuyor.,Kadın uyuyor.,contradiction
Kadın koşuyor.,Kadın yarışta.,neutral
Çocuk okuyor.,Çocuk kitap okuyor.,0
Çocuk okuyor.,Çocuk yüzüyor.,2
Adam bekliyor.,Adam gidiyor.,-
"""


def imported(folder: Path, text: str, **settings: object) -> tuple[list[Pair], artifacts.RunRecord]:
    (folder / "rows.csv").write_text(text, encoding="utf-8")
    config = ImportConfig.model_validate({"held_out_pairs": 0, **settings})
    import_pairs(folder / "rows.csv", folder / "pairs", config, seed=1)
    record = artifacts.read_record(folder / "pairs")
    assert record is not None
    return list(read_pairs(folder / "pairs")), record


def test_entailed_sentences_with_contradicting_ones_as_negatives(tmp_path: Path) -> None:
    pairs, record = imported(tmp_path, NLI, form="nli")
    assert [(pair.query, pair.document, pair.negatives) for pair in pairs] == [
        ("Kadın koşuyor.", "Biri koşuyor.", ("Kadın uyuyor.",)),
        ("Çocuk okuyor.", "Çocuk kitap okuyor.", ("Çocuk yüzüyor.",)),
    ]
    assert [pair.negative_ids for pair in pairs] == [("rows.csv#2",), ("rows.csv#5",)]
    assert record.accounts is not None
    assert record.accounts.dropped == {"contradiction": 2, "neutral": 1, "without_label": 1}
    with pytest.raises(InputError, match="row 1: label 'evet'"):
        imported(tmp_path, "premise,hypothesis,label\na,b,evet\n", form="nli")


def test_grades_are_kept_and_needed(tmp_path: Path) -> None:
    text = "sentence1,sentence2,score,split\nA,B,4.5,train\nC,D,1,train\nE,F,2,test\n"
    pairs, _ = imported(tmp_path, text, form="graded", columns=Columns(keep={"split": "train"}))
    assert [pair.grade for pair in pairs] == [4.5, 1.0]
    assert {pair.kind for pair in pairs} == {"given_graded"}
    with pytest.raises(InputError, match="row 1: no grade"):
        imported(tmp_path, "query,document\na,b\n", form="graded")


def test_what_is_refused_is_counted(tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"query": "kira ne zaman ödenir"}\n', encoding="utf-8")
    rows = [
        "Kira ne zaman ödenir?,Her ay.",
        "BİR,iki",
        "bir,iki",
        "aynı,aynı",
        *(f"soru {n},yanıt {n}" for n in range(9)),
    ]
    (tmp_path / "rows.csv").write_text("query,document\n" + "\n".join(rows) + "\n", encoding="utf-8")
    config = ImportConfig(most=8, held_out_pairs=5)
    import_pairs(tmp_path / "rows.csv", tmp_path / "pairs", config, seed=1, exclude=[asked])
    record = artifacts.read_record(tmp_path / "pairs")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.dropped == {
        "leaked": 1,
        "duplicate": 1,
        "same_text_twice": 1,
        "over_quota": 2,
        "held_out": 2,
    }
    training, held = list(read_pairs(tmp_path / "pairs")), read_held_out(tmp_path / "pairs")
    assert (len(training), len(held)) == (6, 2)
    assert not {pair.query for pair in training} & {pair.query for pair in held}


@pytest.mark.parametrize(("form", "left"), [("graded", 0), ("pairs", 1)])
def test_of_sentences_that_are_scored_both_sides_are_looked_at(tmp_path: Path, form: str, left: int) -> None:
    """Of texts that answer questions, the answer is searched, and may stand in training."""
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"query": "kira ne zaman ödenir"}\n', encoding="utf-8")
    (tmp_path / "rows.csv").write_text("sentence1,sentence2,score\nA,Kira ne zaman ödenir?,3\nB,C,1\n", "utf-8")
    config = ImportConfig.model_validate({"held_out_pairs": 0, "form": form})
    import_pairs(tmp_path / "rows.csv", tmp_path / "pairs", config, seed=1, exclude=[asked])
    assert len(list(read_pairs(tmp_path / "pairs"))) == 1 + left


def test_a_held_out_document_is_no_negative_of_training(tmp_path: Path) -> None:
    rows = "".join(f"soru {n},yanıt {n},yanıt {(n + 1) % 20}\n" for n in range(20))
    pairs, record = imported(tmp_path, "query,document,negative\n" + rows, held_out_pairs=2)
    held = {pair.document for pair in read_held_out(tmp_path / "pairs")}
    assert len(held) == 2
    assert held.isdisjoint(text for pair in pairs for text in pair.negatives)
    assert record.figures["negatives_held_out"] == 20 - 2 - sum(len(pair.negatives) for pair in pairs) > 0


def test_sources_are_blended_at_equal_count(tmp_path: Path) -> None:
    for name, count in (("natural", 9), ("synthetic", 4)):
        (tmp_path / name).mkdir()
        imported(tmp_path / name, "query,document\n" + "".join(f"{name} {n},yanıt {n}\n" for n in range(count)))
    sources = {name: tmp_path / name / "pairs" for name in ("natural", "synthetic")}
    blend(sources, tmp_path / "blended", BlendConfig(), seed=3)
    names = [pair.query.split()[0] for pair in read_pairs(tmp_path / "blended")]
    assert sorted(names) == ["natural"] * 4 + ["synthetic"] * 4
    blend(sources, tmp_path / "shares", BlendConfig(total=8, shares={"natural": 0.75, "synthetic": 0.25}), seed=3)
    names = [pair.query.split()[0] for pair in read_pairs(tmp_path / "shares")]
    assert sorted(names) == ["natural"] * 6 + ["synthetic"] * 2
    with pytest.raises(InputError, match="4 pairs, 6 are wanted"):
        blend(sources, tmp_path / "more", BlendConfig(total=12), seed=3)
    with pytest.raises(ConfigError, match="must add up to 1"):
        blend(sources, tmp_path / "wrong", BlendConfig(shares={"natural": 0.5}), seed=3)


def test_blending_draws_alike_from_what_a_quota_of_the_pairs_has_cut(tmp_path: Path) -> None:
    """At the seed of the pairs: one kind was cut from 2,000 to 200, the other had 200."""
    cut, whole = ([make_pair(Draft(f"{k} {n}", f"t {k} {n}", "d", "d"), kind=k) for n in range(2_000)] for k in "ab")
    kept = [*sorted(cut, key=lambda pair: derive(3, "quota", pair.id))[:200], *whole[:200]]
    with artifacts.create(tmp_path / "pairs", stage="pairs", version=1, parameters={}, inputs={}, seed=3) as run:
        write_pairs(kept, run.folder)
    blend({"natural": tmp_path / "pairs"}, tmp_path / "blended", BlendConfig(total=200), seed=3)
    assert 75 < sum(pair.kind == "a" for pair in read_pairs(tmp_path / "blended")) < 125  # 5 sigma; 183 before


def test_blending_trains_on_nothing_that_a_source_held_out(tmp_path: Path) -> None:
    rows = "query,document\n" + "".join(f"soru {n},yanıt {n}\n" for n in range(12))
    for name, held in (("a", 2), ("b", 0)):
        (tmp_path / name).mkdir()
        imported(tmp_path / name, rows, held_out_pairs=held)
    blend({name: tmp_path / name / "pairs" for name in ("a", "b")}, tmp_path / "both", BlendConfig(), seed=3)
    held_out = {pair.query for pair in read_held_out(tmp_path / "both")}
    assert len(held_out) == 2
    assert not held_out & {pair.query for pair in read_pairs(tmp_path / "both")}
