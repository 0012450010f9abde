"""Every strategy: same seed, same positions; specials never; the count; nothing in part; its spans; its chances."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare

from mecelle.base.config import parse
from mecelle.base.errors import ConfigError
from mecelle.encoder.masking import MASKINGS
from mecelle.encoder.mixture import HUKUKBERT, Mixture, term_shortage
from mecelle.encoder.replacement import Replacement, replace
from mecelle.encoder.spans import LENGTH_SHARES, LONGEST, draw_spans

Row = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_], NDArray[np.int32]]
STRATEGIES = {name: MASKINGS.get(name) for name in MASKINGS.names()} | {"mixture": Mixture(HUKUKBERT)}


def row(seed: int = 0, length: int = 512, piece: int = 100) -> Row:
    """A row of words of one to five tokens, three words of seven a term; a special token begins each piece, and
    padding ends the row.
    """
    rng = np.random.default_rng(seed)
    words = np.repeat(np.arange(length), rng.integers(1, 6, length))[:length].astype(np.int32)
    maskable = np.arange(length) % piece != 0
    maskable[-20:] = False
    words[maskable] += 10 * (np.arange(length)[maskable] // piece)  # no word over two pieces
    words[~maskable] = -1
    terms = np.where(maskable & (words % 7 < 3), words // 7, -1)
    return rng.integers(5, 1000, length), words.astype(np.int32), maskable, terms.astype(np.int32)


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy(name: str) -> None:
    choose = STRATEGIES[name]
    for seed in range(20):
        given = row(seed)
        count = round(0.3 * given[2].sum())
        chosen = choose(*given, count=count, rng=np.random.default_rng(seed))
        again = choose(*given, count=count, rng=np.random.default_rng(seed))
        other = choose(*given, count=count, rng=np.random.default_rng(seed + 100))
        assert np.array_equal(chosen, again)
        assert not np.array_equal(chosen, other)
        assert not chosen[~given[2]].any()
        assert chosen.sum() == count


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 30, 400])
def test_any_count(name: str, count: int) -> None:
    assert STRATEGIES[name](*row(), count=count, rng=np.random.default_rng(0)).sum() == count


@pytest.mark.parametrize("name", MASKINGS.names())
def test_all_where_more_are_wanted(name: str) -> None:
    given = row()
    assert np.array_equal(MASKINGS.get(name)(*given, count=600, rng=np.random.default_rng(0)), given[2])


@pytest.mark.parametrize("name", ["whole_word.v1", "word_span.v1", "keyword.v1"])
def test_words_are_never_chosen_in_part(name: str) -> None:
    given = row()
    words = given[1]
    chosen = STRATEGIES[name](*given, count=140, rng=np.random.default_rng(1))
    for word in np.unique(words[given[2]]):
        inside = chosen[words == word]
        assert inside.all() or not inside.any()


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name not in ("keyword.v1", "mixture")])
def test_every_place_has_the_same_chance(name: str) -> None:
    given = row()
    rng = np.random.default_rng(1)
    draws = 2000
    hits = sum(STRATEGIES[name](*given, count=147, rng=rng).astype(int) for _ in range(draws))
    share = np.asarray(hits)[given[2]] / draws
    expected = 147 / given[2].sum()
    sigma = (expected * (1 - expected) / draws) ** 0.5
    # 487 places: 4 sigma would be passed once in 30 runs. Short words fill what is left where the next is too long,
    # about two tokens a row here, where one word in five is of one token.
    filling = 0.03 if name == "word_span.v1" else 0
    assert abs(share - expected).max() < 5 * sigma + filling
    assert share.mean() == pytest.approx(expected, rel=0.01)


def test_every_term_has_the_same_chance_and_stays_whole() -> None:
    """Terms of four tokens in two words, a third of the row, and a count that they divide."""
    words = (np.arange(480) // 2).astype(np.int32)
    terms = np.where(np.arange(480) // 4 % 3 == 0, np.arange(480) // 4, -1).astype(np.int32)
    rng = np.random.default_rng(1)
    draws, hits = 2000, np.zeros(480)
    for _ in range(draws):
        chosen = STRATEGIES["keyword.v1"](words, words, words >= 0, terms, count=40, rng=rng)
        assert chosen[terms >= 0].sum() == chosen.sum() == 40
        assert len(np.unique(terms[chosen])) == 10
        hits += chosen
    share, expected = hits[terms >= 0] / draws, 10 / 40
    assert abs(share - expected).max() < 4.5 * (expected * (1 - expected) / draws) ** 0.5


def test_words_stand_in_where_there_are_too_few_terms() -> None:
    ids, words, maskable, _ = row()
    few = np.where(words == words[10], 0, -1).astype(np.int32)
    chosen = STRATEGIES["keyword.v1"](ids, words, maskable, few, count=140, rng=np.random.default_rng(0))
    assert chosen[few >= 0].all()
    assert chosen.sum() == 140


def test_a_term_that_is_closed_in_part_is_left_out() -> None:
    words = np.array([0, 1, 2, 3], np.int32)
    terms = np.array([0, 0, 1, -1], np.int32)
    open_ = np.array([False, True, True, True])
    for seed in range(20):
        chosen = STRATEGIES["keyword.v1"](words, words, open_, terms, count=1, rng=np.random.default_rng(seed))
        assert chosen.tolist() == [False, False, True, False]


def runs(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lengths of the stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], chosen.astype(int), [0]))))
    return edges[1::2] - edges[::2]


def test_lengths_are_those_of_spanbert() -> None:
    assert (LENGTH_SHARES * np.arange(1, LONGEST + 1)).sum() == pytest.approx(3.8, abs=0.01)
    assert LENGTH_SHARES[1] / LENGTH_SHARES[0] == pytest.approx(0.8)


@pytest.mark.parametrize("tokens_per_word", [1, 2])
def test_spans_have_the_lengths_of_spanbert(tokens_per_word: int) -> None:
    """A long row of one piece: two spans of a thousand meet its ends, one is cut to the count."""
    length, rng = 8_192, np.random.default_rng(2)
    words = (np.arange(length) // tokens_per_word).astype(np.int32)
    everywhere, none = np.ones(length, bool), np.full(length, -1, np.int32)
    name = "token_span.v1" if tokens_per_word == 1 else "word_span.v1"
    counts = np.zeros(LONGEST + 1)
    for _ in range(20):
        chosen = STRATEGIES[name](words, words, everywhere, none, count=2_048, rng=rng)
        found = runs(chosen) // tokens_per_word
        assert found.max() <= LONGEST
        counts += np.bincount(found, minlength=LONGEST + 1)
    assert counts[0] == 0
    assert chisquare(counts[1:], LENGTH_SHARES * counts.sum()).pvalue > 0.01


def test_spans_do_not_cross_pieces() -> None:
    """In a span over tokens of two pieces, the special tokens between them part it."""
    given = row(piece=8)
    chosen = STRATEGIES["token_span.v1"](*given, count=147, rng=np.random.default_rng(0))
    assert runs(chosen).max() <= 7
    assert runs(chosen).mean() > 2


def test_spans_are_apart_where_there_is_room() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        spans = draw_spans(100, 40, rng=rng)
        assert sum(map(len, spans)) == len(set(np.concatenate(spans).tolist()))
        taken = np.zeros(100, bool)
        taken[np.concatenate(spans)] = True
        circle = np.roll(taken, -int(np.flatnonzero(~taken)[0]))
        assert len(runs(circle)) == len(spans)
        assert 40 <= taken.sum() < 40 + LONGEST


def test_mixture_gives_each_strategy_its_share() -> None:
    """Tokens alone, whole words, terms: told apart by what they mask in part, and by what they do not touch."""
    length, rng = 600, np.random.default_rng(0)
    words = (np.arange(length) // 3).astype(np.int32)
    terms = np.where(np.arange(length) < 300, np.arange(length) // 6, -1).astype(np.int32)
    everywhere = np.ones(length, bool)
    mixture = Mixture({"keyword.v1": 0.5, "token.v1": 0.3, "whole_word.v1": 0.2})
    draws = 400
    in_terms = in_part = 0
    for _ in range(draws):
        chosen = mixture(words, words, everywhere, terms, count=90, rng=rng)
        assert chosen.sum() == 90
        by_word = chosen.reshape(-1, 3).sum(1)
        in_part += by_word[by_word < 3].sum()
        in_terms += chosen[:300].sum()
    # Half the tokens of the other two strategies fall on terms by chance, a little fewer where terms went first.
    assert in_terms / (90 * draws) == pytest.approx(0.5 + 0.5 * 0.5, abs=0.03)
    # Of 27 single tokens among 600, few fill a word: those words look whole.
    assert in_part / (90 * draws) == pytest.approx(0.3, abs=0.01)


def test_shares_that_do_not_divide_are_kept_on_average() -> None:
    """Two tokens in a row, a third of them as terms: two rows of three hold one."""
    words = np.arange(300, dtype=np.int32)
    terms = np.where(words < 3, words, -1).astype(np.int32)
    mixture = Mixture({"keyword.v1": 1 / 3, "token.v1": 2 / 3})
    rng = np.random.default_rng(0)
    found = [mixture(words, words, words >= 0, terms, count=2, rng=rng)[:3].sum() for _ in range(3000)]
    assert np.mean(found) == pytest.approx(2 / 3 + 4 / 3 * 3 / 300, abs=0.04)


def test_mixture_depends_on_the_shares_not_on_their_order() -> None:
    given = row()
    turned = Mixture(dict(reversed(HUKUKBERT.items())))
    one, two = (mix(*given, count=120, rng=np.random.default_rng(4)) for mix in (Mixture(HUKUKBERT), turned))
    assert np.array_equal(one, two)


def test_mixture_of_one_is_that_one() -> None:
    given = row()
    alone, mixed = MASKINGS.get("whole_word.v1"), Mixture({"whole_word.v1": 1.0})
    one, two = (choose(*given, count=120, rng=np.random.default_rng(4)) for choose in (alone, mixed))
    assert np.array_equal(one, two)


def test_shortage_of_terms_is_counted() -> None:
    rows = np.array([0, 20, 40, 100])
    found = term_shortage({"keyword.v1": 0.5, "token.v1": 0.5}, ((0.0, 0.4), (0.5, 0.2)), rows, length=200)
    assert found == {"rows_short": 2, "share_short": pytest.approx((40 + 20) / 160)}
    assert term_shortage({"token.v1": 1.0}, ((0.0, 0.4),), rows, length=200) == {}


def test_word_longer_than_the_rest_is_passed_over() -> None:
    words = np.array([0, 0, 0, 0, 1], np.int32)
    none = np.full(5, -1, np.int32)
    for name in ("whole_word.v1", "word_span.v1", "keyword.v1"):
        chosen = STRATEGIES[name](words, words, words >= 0, none, count=3, rng=np.random.default_rng(0))
        assert chosen.tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("name", STRATEGIES)
def test_empty_row(name: str) -> None:
    words = np.full(4, -1, np.int32)
    none = np.zeros(4, bool)
    assert not STRATEGIES[name](words, words, none, words, count=0, rng=np.random.default_rng(0)).any()


def test_unknown_strategy_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"whole_word\.v1"):
        Mixture({"wholeword.v1": 1.0})


@pytest.mark.parametrize("shares", [{"mask_share": 0.95}, {"mask_share": -0.1}, {"random_share": 1.1}])
def test_replacement_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        parse(Replacement, shares, where="params.yaml")


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


def test_word_spans_of_a_short_row_do_not_always_begin_at_its_start() -> None:
    words = np.arange(8, dtype=np.int32)
    given = words.astype(np.int64), words, words >= 0, np.full(8, -1, np.int32)
    strategy = STRATEGIES["word_span.v1"]
    hits = sum(strategy(*given, count=2, rng=np.random.default_rng(seed)).astype(int) for seed in range(400))
    assert min(hits) > 50, "each of 8 words is hidden in a quarter of the draws, give or take"
