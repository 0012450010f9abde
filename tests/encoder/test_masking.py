"""Every strategy: same seed, same positions; specials never; the count; no word in part. And what stands there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError
from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.replacement import Replacement, replace


def row(seed: int = 0, length: int = 512) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
    """A row of words of one to five tokens, with a special token after every hundredth and padding at the end."""
    rng = np.random.default_rng(seed)
    words = np.repeat(np.arange(length), rng.integers(1, 6, length))[:length].astype(np.int32)
    maskable = np.arange(length) % 100 != 0
    maskable[-20:] = False
    return rng.integers(5, 1000, length), np.where(maskable, words, -1).astype(np.int32), maskable


@pytest.mark.parametrize("name", MASKINGS.names())
def test_strategy(name: str) -> None:
    choose = MASKINGS.get(name)
    for seed in range(20):
        ids, words, maskable = row(seed)
        count = round(0.3 * maskable.sum())
        chosen = choose(ids, words, maskable, count=count, rng=np.random.default_rng(seed))
        again = choose(ids, words, maskable, count=count, rng=np.random.default_rng(seed))
        other = choose(ids, words, maskable, count=count, rng=np.random.default_rng(seed + 100))
        assert np.array_equal(chosen, again)
        assert not np.array_equal(chosen, other)
        assert not chosen[~maskable].any()
        assert chosen.sum() == count


def test_whole_words_are_never_chosen_in_part() -> None:
    ids, words, maskable = row()
    chosen = MASKINGS.get("whole_word.v1")(ids, words, maskable, count=140, rng=np.random.default_rng(1))
    for word in np.unique(words[maskable]):
        inside = chosen[words == word]
        assert inside.all() or not inside.any()


@pytest.mark.parametrize("name", MASKINGS.names())
def test_every_place_has_the_same_chance(name: str) -> None:
    _, words, maskable = row()
    rng = np.random.default_rng(1)
    draws = 2000
    hits = sum(MASKINGS.get(name)(words, words, maskable, count=147, rng=rng).astype(int) for _ in range(draws))
    share = np.asarray(hits)[maskable] / draws
    expected = 147 / maskable.sum()
    sigma = (expected * (1 - expected) / draws) ** 0.5
    assert abs(share - expected).max() < 5 * sigma  # 480 places: 4 sigma would be passed once in 30 runs
    assert share.mean() == pytest.approx(expected, rel=0.01)


def test_word_longer_than_the_rest_is_passed_over() -> None:
    words = np.array([0, 0, 0, 0, 1], np.int32)
    chosen = MASKINGS.get("whole_word.v1")(words, words, words >= 0, count=3, rng=np.random.default_rng(0))
    assert chosen.tolist() == [False, False, False, False, True]


def test_empty_row() -> None:
    none = np.zeros(4, bool)
    for name in MASKINGS.names():
        words = np.full(4, -1, np.int32)
        assert not MASKINGS.get(name)(words, words, none, count=0, rng=np.random.default_rng(0)).any()


def test_unknown_strategy_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"whole_word\.v1"):
        MASKINGS.get("wholeword.v1")


def test_replacement_shares() -> None:
    ids = np.full(20_000, 7, np.int64)
    chosen = np.arange(20_000) % 2 == 0
    ordinary = np.arange(10, 1000)
    replaced = replace(ids, chosen, Replacement(), mask=4, ordinary=ordinary, rng=np.random.default_rng(0))
    assert (replaced[~chosen] == 7).all()
    assert (ids == 7).all(), "the row itself is left alone: it holds the labels"
    there = replaced[chosen]
    shares = {"mask": (there == 4).mean(), "random": (there >= 10).mean(), "kept": (there == 7).mean()}
    assert sum(shares.values()) == pytest.approx(1)
    for name, expected in (("mask", 0.8), ("random", 0.1), ("kept", 0.1)):
        assert abs(shares[name] - expected) < 3 * (expected * (1 - expected) / 10_000) ** 0.5
    drawn = np.unique(there[there >= 10])
    assert len(drawn) > 500, "random ones come from the whole vocabulary"
    assert drawn.min() >= 10
    assert drawn.max() <= 999
