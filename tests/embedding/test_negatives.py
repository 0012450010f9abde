"""Hard negatives: which candidates are taken, which may be answers."""

from pathlib import Path

import numpy as np
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.embedding.negatives.choose import choose
from mecelle.embedding.negatives.mine import MiningConfig, mine
from mecelle.embedding.pairs.record import (
    Draft,
    Pair,
    make_pair,
    read_held_out,
    read_pairs,
    with_negatives,
    write_pairs,
)


def test_a_negative_scores_below_its_share_of_the_positive() -> None:
    scores = np.array([0.80, 0.77, 0.759, 0.70, 0.60, -0.1, 0.79], dtype=np.float32)  # 0.95 * 0.80 = 0.76
    chosen, fates = choose(scores, 0, not_among={6}, share=0.95, depth=5, count=2)
    assert chosen == [2, 3]
    assert fates == {"too_near": 1, "negative": 2, "not_needed": 1, "unrelated": 1}
    chosen, _ = choose(scores, 0, not_among=set(), share=1.0, depth=2, count=2)
    assert chosen == [6, 1]


def test_a_positive_that_the_search_does_not_find_says_nothing_of_others() -> None:
    chosen, fates = choose(np.array([0.0, 3.0, 2.0], dtype=np.float32), 0, not_among=set(), share=0.9, depth=9, count=2)
    assert (chosen, fates) == ([], {"positive_not_found": 2})


def pair(query: str, document: str, source: str) -> Pair:
    return make_pair(Draft(query, document, source, source), kind="k.v1")


PAIRS = [
    pair("kira bedeli ne zaman ödenir", "kira bedeli ne zaman ödenir sorusu: kira bedeli her ay ödenir", "article-1"),
    pair("kira bedeli ne zaman ödenir", "kira bedeli ne zaman ödenir: ayın sonunda ödenir bedel", "article-2"),
    pair("kiracının borcu", "kiracının borcu kira bedeli ödemektir", "decision-1"),
    pair("kiracının hakkı", "kiracının hakkı kira süresince oturmaktır", "decision-1"),
    pair("ipotek nedir", "ipotek nedir: taşınmaz üzerinde kurulan güvence", "statute-1"),
    pair("ipotek süresi nedir", "ipotek süresi: süresiz kurulur", "statute-1"),
]


def mined(folder: Path, pairs: list[Pair], **settings: object) -> tuple[list[Pair], artifacts.RunRecord]:
    with artifacts.create(folder / "pairs", stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(pairs, run.folder)
        write_pairs(pairs[:1], run.folder, name="held_out.jsonl.zst")
    mine(folder / "pairs", folder / "mined", MiningConfig.model_validate(settings))
    record = artifacts.read_record(folder / "mined")
    assert record is not None
    return list(read_pairs(folder / "mined")), record


def test_nothing_that_may_answer_becomes_a_negative(tmp_path: Path) -> None:
    found, record = mined(tmp_path, PAIRS, share=1.0)
    assert [one.id for one in found] == [one.id for one in PAIRS]
    rent, again, debt, right, mortgage, _ = found
    answers = {PAIRS[0].document, PAIRS[1].document}
    assert rent.negatives
    assert not answers & set(rent.negatives + again.negatives)
    assert PAIRS[3].document not in debt.negatives
    assert PAIRS[2].document not in right.negatives
    assert PAIRS[5].document in mortgage.negatives  # another article of the same act
    assert record.figures["candidates"]["negative"] == sum(len(one.negatives) for one in found)
    assert read_held_out(tmp_path / "mined") == PAIRS[:1]


def test_nor_what_answers_the_same_query_in_capitals(tmp_path: Path) -> None:
    texts = [("Genel kurul", "genel kurul her yıl toplanır"), ("GENEL KURUL", "genel kurul gündemi üye sayısı")]
    texts.append(("Kira süresi", "genel kurul kiraya karar verir"))
    pairs = [
        make_pair(Draft(query, text, f"statute-{at}", f"statute-{at}"), kind="k")
        for at, (query, text) in enumerate(texts)
    ]
    (small, capitals, _), _ = mined(tmp_path, pairs, share=1.0)
    assert not {pairs[0].document, pairs[1].document} & {*small.negatives, *capitals.negatives}


def test_negatives_that_a_pair_has_stay_before_those_that_are_found(tmp_path: Path) -> None:
    own = with_negatives(PAIRS[4], [("ipotek değildir", "mine.csv#1")])
    found, _ = mined(tmp_path, [*PAIRS[:4], own, PAIRS[5]], share=1.0)
    assert found[4].negatives[0] == "ipotek değildir"
    assert PAIRS[5].document in found[4].negatives[1:]
    assert found[4].negative_ids == ("mine.csv#1", *["statute-1"] * (len(found[4].negatives) - 1))
    assert found[0].negative_ids
    assert set(found[0].negative_ids) <= {"decision-1", "statute-1"}


def test_by_a_model(tmp_path: Path, encoder: Path) -> None:
    found, record = mined(tmp_path, PAIRS, search=str(encoder), share=1.0, count=1)
    assert all(len(one.negatives) <= 1 for one in found)
    assert any(one.negatives for one in found)
    assert sum(record.figures["pairs_by_negatives"].values()) == len(PAIRS)


def test_graded_pairs_have_no_negatives(tmp_path: Path) -> None:
    graded = [make_pair(Draft("a", "b", "x", "x"), kind="k", grade=1.0)]
    with pytest.raises(InputError, match="graded pairs have no negatives"):
        mined(tmp_path, graded)
