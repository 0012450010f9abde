"""The order of training is a function of the seed, and no batch holds a text twice."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from mecelle.embedding.batches import fitting_batch, plan_batches
from mecelle.embedding.pairs.nearest import flat
from mecelle.embedding.pairs.record import Pair
from mecelle.embedding.pairs.split import split, without
from mecelle.text.casing import upper

MakePairs = Callable[[int], list[Pair]]


def test_same_seed_same_plan(make_pairs: MakePairs) -> None:
    pairs = make_pairs(60)
    plans = [plan_batches(pairs, batch=8, batches=20, seed=seed, same_kind=True) for seed in (1, 1, 2)]
    assert np.array_equal(plans[0], plans[1])
    assert not np.array_equal(plans[0], plans[2])


def test_an_epoch_sees_a_pair_once_and_epochs_differ(make_pairs: MakePairs) -> None:
    plan = plan_batches(make_pairs(64), batch=8, batches=16, seed=1, same_kind=True)
    assert plan.shape == (16, 8)
    assert sorted(plan[:8].ravel()) == sorted(plan[8:].ravel()) == list(range(64))
    assert not np.array_equal(plan[:8], plan[8:])


def test_how_many_pairs_fit_is_seen_at_once(make_pairs: MakePairs) -> None:
    """Not by planning one batch size after another: 1,024 are asked, 10 differ."""
    pairs = [replace(pair, document=f"MADDE {number % 10}") for number, pair in enumerate(make_pairs(60))]
    assert fitting_batch(pairs, most=1024, seed=1) == 10
    assert fitting_batch(pairs, most=8, seed=1) == 8
    assert fitting_batch([], most=8, seed=1) == 0


def test_no_text_twice_in_a_batch(make_pairs: MakePairs) -> None:
    pairs = make_pairs(40)
    # Every fifth pair asks the same question; every seventh query is the document of another pair.
    pairs = [replace(pair, query="aynı soru") if i % 5 == 0 else pair for i, pair in enumerate(pairs)]
    pairs = [replace(pair, query=pairs[i - 1].document) if i % 7 == 3 else pair for i, pair in enumerate(pairs)]
    plan = plan_batches(pairs, batch=4, batches=40, seed=1, same_kind=False)
    assert len(plan) == 40
    for rows in plan.tolist():
        texts = Counter(text for row in rows for text in {pairs[row].query, pairs[row].document})
        assert max(texts.values()) == 1


def test_no_document_is_another_ones_hard_negative(make_pairs: MakePairs) -> None:
    pairs = make_pairs(40)
    # Every third pair has the document of the next one as a negative; pairs may share a negative.
    pairs = [
        replace(pair, negatives=(pairs[(i + 1) % 40].document, "ortak")) if i % 3 == 0 else pair
        for i, pair in enumerate(pairs)
    ]
    plan = plan_batches(pairs, batch=8, batches=40, seed=1, same_kind=False)
    assert len(plan) == 40
    for rows in plan.tolist():
        own = {text for row in rows for text in (pairs[row].query, pairs[row].document)}
        assert own.isdisjoint(text for row in rows for text in pairs[row].negatives)
    assert max(sum("ortak" in pairs[row].negatives for row in rows) for rows in plan.tolist()) > 1


def test_no_known_answer_of_a_query_stands_in_its_batch(make_pairs: MakePairs) -> None:
    """Not even one that only another pair names, spelt otherwise, as a document or as a hard negative."""
    base = make_pairs(48)
    pairs = list(base)
    for i in range(0, 48, 4):  # the query of `i`, shouted, is answered by the document of `i + 1` as well
        query = f" {upper(base[i].query)}\n"
        pairs.append(replace(base[i], id=f"{i}b", query=query, document=upper(base[i + 1].document)))
        pairs[i + 2] = replace(base[i + 2], negatives=(f"{base[i + 1].document} ",))
    keys = {text: flat(text) for pair in pairs for text in (pair.query, pair.document, *pair.negatives)}
    answers: dict[str, set[str]] = {}
    for pair in pairs:
        answers.setdefault(keys[pair.query], set()).add(keys[pair.document])
    plan = plan_batches(pairs, batch=12, batches=40, seed=1, same_kind=False)
    assert len(plan) == 40
    assert set(plan.ravel().tolist()) == set(range(len(pairs)))
    for rows in plan.tolist():
        for mine, other in permutations((pairs[row] for row in rows), 2):
            there = {keys[text] for text in (other.query, other.document, *other.negatives)}
            assert there.isdisjoint(answers[keys[mine.query]] | {keys[mine.query]})


def test_grades_name_no_answers(make_pairs: MakePairs) -> None:
    first, second = make_pairs(2)
    pairs = [first, replace(first, document="ilgisiz"), replace(second, document="ilgisiz")]
    graded = [replace(pair, grade=0.0) for pair in pairs]
    # Of the first query "ilgisiz" is an answer, so that nothing but the last two is left to stand together.
    assert len(plan_batches(pairs, batch=2, batches=1, seed=1, same_kind=False)) == 0
    assert set(plan_batches(graded, batch=2, batches=1, seed=1, same_kind=False).ravel().tolist()) == {0, 2}


def test_batches_hold_one_kind_as_far_as_it_goes(make_pairs: MakePairs) -> None:
    pairs = make_pairs(44)  # 22 of each kind: two batches of 8 each, and 6 of each for a mixed one
    plan = plan_batches(pairs, batch=8, batches=5, seed=1, same_kind=True)
    kinds = sorted(len({pairs[row].kind for row in rows}) for rows in plan.tolist())
    assert kinds == [1, 1, 1, 1, 2]
    mixed = plan_batches(pairs, batch=8, batches=5, seed=1, same_kind=False)
    assert all(len({pairs[row].kind for row in rows}) == 2 for rows in mixed.tolist())


def test_a_text_of_many_pairs_takes_no_quadratic_time(make_pairs: MakePairs) -> None:
    pairs = [replace(pair, document="MADDE 1") if i % 2 else pair for i, pair in enumerate(make_pairs(16_000))]
    clock = time.process_time()
    assert plan_batches(pairs, batch=16, batches=400, seed=1, same_kind=True).shape == (400, 16)
    assert time.process_time() - clock < 20


def test_a_query_of_many_answers_takes_no_quadratic_time(make_pairs: MakePairs) -> None:
    """Nor do answers that many queries share: 4,000 answers of one query, and 4,000 queries of two answers each."""
    pairs = make_pairs(16_000)
    pairs = [replace(pair, query="kira") if i < 4_000 else pair for i, pair in enumerate(pairs)]
    pairs = [
        replace(pair, query=f"q{i // 2}", document=pairs[i % 2].document) if 4_000 <= i < 12_000 else pair
        for i, pair in enumerate(pairs)
    ]
    clock = time.process_time()
    assert plan_batches(pairs, batch=16, batches=200, seed=1, same_kind=True).shape == (200, 16)
    assert time.process_time() - clock < 20


def test_an_epoch_without_a_batch_is_passed_over(make_pairs: MakePairs) -> None:
    """Of these a batch of three is found in some orders only: accumulation needs all that were asked for."""
    texts = [("0", "3", "1"), ("2", "3", ""), ("3", "4", ""), ("0", "2", "4"), ("1", "1", "2"), ("3", "4", "1")]
    pairs = [
        replace(pair, query=f"q{query}", document=f"d{document}", negatives=(f"d{negative}",))
        for pair, (query, document, negative) in zip(make_pairs(6), texts, strict=True)
    ]
    shapes = {plan_batches(pairs, batch=3, batches=8, seed=seed, same_kind=False).shape for seed in range(30)}
    assert shapes == {(0, 3), (8, 3)}


def test_too_few_pairs_give_no_batch(make_pairs: MakePairs) -> None:
    assert plan_batches(make_pairs(3), batch=4, batches=9, seed=1, same_kind=True).shape == (0, 4)


def test_held_out_pairs_share_no_text_with_training(make_pairs: MakePairs) -> None:
    pairs = make_pairs(100)
    pairs += [replace(pair, id=pair.id + "b", query=pair.query + " nedir") for pair in pairs[:50]]
    training, held = split(pairs, most=256, seed=1)
    texts = {text for pair in held for text in (pair.query, pair.document)}
    assert len(held) == 15
    assert len(texts) == 30
    assert not any(pair.query in texts or pair.document in texts for pair in training)
    assert len(training) < 150 - 15
    assert split(pairs, most=256, seed=1) == (training, held)


@pytest.mark.parametrize(
    ("text", "near", "same"),
    [
        ("Kira ıslahı nedir?", "  KİRA  ISLAHI nedir", True),
        ("İİK’nın 49/2. maddesi", "iik'nın 49/2 maddesi.", True),
        ("kira", "KIRA", False),
        ("49/2", "49/3", False),
        ("hala", "hâlâ", False),
        ("§", "§§", False),
    ],
)
def test_texts_on_both_sides_are_compared_flat(make_pairs: MakePairs, text: str, near: str, same: bool) -> None:
    """What is left of a training pair that asks, answers or avoids nearly what a held-out pair has."""
    held = [replace(pair, query=text) for pair in make_pairs(1)]
    asked, answers, avoids = make_pairs(4)[1:]
    avoids = replace(avoids, negatives=(near, "kalan"), negative_ids=("a", "b"))
    pairs = [replace(asked, query=near), replace(answers, document=near), avoids]
    if same:
        assert without(pairs, held) == [replace(avoids, negatives=("kalan",), negative_ids=("b",))]
    else:
        assert without(pairs, held) == pairs
    assert without(pairs, []) == pairs
