"""Rates, their intervals, paired ratios."""

import numpy as np
import pytest

from mecelle.tokenizer.measure.budget import embedding, renyi_efficiency
from mecelle.tokenizer.measure.counts import COLUMNS, Counts, count
from mecelle.tokenizer.measure.intervals import share
from mecelle.tokenizer.measure.rates import RATES, rates
from mecelle.tokenizer.measure.texts import lines_of

TEXTS = [lines_of("ab" * length + "\n" + "ab" * (length // 2 + 1)) for length in range(1, 60)]


def test_values_are_sums_divided(letters):
    found = rates(count(letters(2), TEXTS), None, seed=7)
    lines = [line for text in TEXTS for line in text.lines]
    assert found.values["subwords_per_line"].value == pytest.approx(sum(map(len, lines)) / 2 / len(lines))
    assert found.values["characters_per_token"].value == 2
    assert found.ratios == {}


def test_intervals_hold_the_value_and_come_from_documents(letters):
    one = rates(count(letters(), TEXTS), None, seed=7).values["subwords_per_line"]
    assert one.low is not None
    assert one.high is not None
    assert one.low < one.value < one.high
    # Standard error of a mean of 59 documents with 1 to 59 double letters in the longer of two lines.
    per_document = np.array([sum(map(len, text.lines)) / 2 for text in TEXTS])
    width = 2 * 1.96 * per_document.std() / np.sqrt(len(TEXTS))
    assert one.high - one.low == pytest.approx(width, rel=0.15)


def test_ratios_are_paired(letters):
    """Half the tokens in every document: whatever is drawn, the ratio is a half; unpaired it would scatter."""
    base = count(letters(1), TEXTS)
    ratios = rates(count(letters(2), TEXTS), base, seed=7).ratios
    assert set(ratios) == {name for name, rate in RATES.items() if not rate.is_share}
    ratio = ratios["subwords_per_line"]
    assert (ratio.value, ratio.low, ratio.high) == (0.5, 0.5, 0.5)


def test_the_seed_decides(letters):
    counts = count(letters(), TEXTS)
    a, b, c = (rates(counts, None, seed=seed).values["subwords_per_line"] for seed in (7, 7, 8))
    assert a == b
    assert (a.low, a.high) != (c.low, c.high)


def test_one_document_has_no_interval(letters):
    one = rates(count(letters(), TEXTS[:1]), None, seed=7).values["bytes_per_token"]
    assert (one.low, one.high) == (None, None)


def test_what_is_not_defined_is_left_out(letters):
    found = rates(count(letters(), [lines_of("123"), lines_of("45")]), None, seed=7).values
    assert "continued_word_share" not in found  # no letters, no words of letters
    assert found["unknown_share"].value == 0
    assert rates(count(letters(), []), None, seed=7).values == {}


def test_every_rate_names_columns():
    assert {rate.top for rate in RATES.values()} | {rate.bottom for rate in RATES.values()} <= set(COLUMNS)
    assert Counts(np.ones((3, len(COLUMNS))), np.zeros(1, dtype=np.int64)).total("lines") == 3


def test_wilson():
    found = share(3, 4)  # by hand: centre .6225, half width .3319 at z = 1.96
    assert (found.share, round(found.low, 3), round(found.high, 3)) == (0.75, 0.301, 0.954)


def test_renyi_efficiency():
    assert renyi_efficiency(np.array([5, 5, 5, 5])) == pytest.approx(1)
    assert renyi_efficiency(np.array([5, 5, 0, 0])) == pytest.approx(0.5)  # log 2 / log 4
    # order 2: -log(.75² + .25²) / log 2
    assert renyi_efficiency(np.array([3, 1]), order=2) == pytest.approx(-np.log(0.625) / np.log(2))
    assert renyi_efficiency(np.array([4, 0])) == renyi_efficiency(np.array([0, 0])) == 0


def test_embeddings():
    found = embedding(30_522, 768)
    assert (found.parameters, round(found.share, 3)) == (23_440_896, 0.214)  # 23.4 of 109.4 M
