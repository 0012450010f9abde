"""The rates of a tokenizer: quotients of counted sums, intervals over documents, paired ratios to a baseline."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mecelle.tokenizer.measure.counts import COLUMNS, LIMITS, Counts
from mecelle.tokenizer.measure.intervals import Estimate, estimate, quotient, resampled_sums


class Rate(NamedTuple):
    """One column divided by another."""

    label: str
    top: str
    bottom: str
    is_share: bool = True


RATES = {
    "subwords_per_line": Rate("subwords per line", "tokens", "lines", is_share=False),
    "tokens_per_word": Rate("tokens per word", "tokens", "words", is_share=False),
    "bytes_per_token": Rate("bytes per token", "bytes", "tokens", is_share=False),
    "characters_per_token": Rate("characters per token", "characters", "tokens", is_share=False),
    "continued_word_share": Rate("words in pieces", "continued", "letter_words"),
    "unknown_share": Rate("unknown tokens", "unknown", "tokens"),
    "lost_character_share": Rate("characters lost", "unknown_characters", "characters"),
    "exact_round_trip_share": Rate("lines that come back exactly", "exact", "lines"),
    "folded_round_trip_share": Rate("with runs of white space as one", "folded", "lines"),
    "spaceless_round_trip_share": Rate("without any white space", "spaceless", "lines"),
    **{
        f"over_{limit}_share": Rate(f"documents over {limit:,} tokens", f"over_{limit}", "documents")
        for limit in LIMITS
    },
}
"""Every rate by its name in measurements.json. The first is HukukBERT Table 4: over lines with something in them,
special tokens not counted. words in pieces: Rust et al. 2021, "proportion of continued words"."""

Matrix = NDArray[np.float64]


class Rates(NamedTuple):
    """Of one tokenizer, by the names of RATES; a rate whose divisor is 0 is left out."""

    values: dict[str, Estimate]
    ratios: dict[str, Estimate]
    """Rates that are no shares, divided by the baseline's on the same documents."""


def rates(counts: Counts, baseline: Counts | None, *, seed: int) -> Rates:
    """All rates; without a baseline (or as the baseline itself) no ratios, without documents nothing at all."""
    if not len(counts.table):
        return Rates({}, {})
    totals, drawn = _sums(counts, seed)
    documents = len(counts.table)
    values = {
        name: estimate(value, _of(drawn, rate), documents=documents)
        for name, rate in RATES.items()
        if np.isfinite(value := float(_of(totals, rate)[0]))
    }
    if baseline is None:
        return Rates(values, {})
    base_totals, base_drawn = _sums(baseline, seed)
    ratios = {
        name: estimate(value, quotient(_of(drawn, rate), _of(base_drawn, rate)), documents=documents)
        for name, rate in RATES.items()
        if not rate.is_share and np.isfinite(value := float(quotient(_of(totals, rate), _of(base_totals, rate))[0]))
    }
    return Rates(values, ratios)


def _sums(counts: Counts, seed: int) -> tuple[Matrix, Matrix]:
    """Sums over all documents, shape (1, columns), and over resampled ones, shape (resamples, columns)."""
    return counts.table.sum(axis=0, keepdims=True), resampled_sums(counts.table, seed=seed)


def _of(sums: Matrix, rate: Rate) -> Matrix:
    return quotient(sums[:, COLUMNS.index(rate.top)], sums[:, COLUMNS.index(rate.bottom)])
