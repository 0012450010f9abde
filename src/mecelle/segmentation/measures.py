"""How well sections were found: the measures of HukukBERT, Tables 9 to 11, counted in words.

The paper names its measures and defines the document pass rate alone (§4.3: one wrong boundary fails the document).
What is said here of the others is our choice. A word is what stands between white space and belongs to the section in
which it begins; a boundary is a word at which a section begins, with the section's label. The paper's B-header has a
precision of 52.2% where 92.8% of the documents pass, so that its pass cannot count boundaries too many; ours does.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mecelle.segmentation.labels import LABELS, SECTIONS
from mecelle.segmentation.record import Segmented

TOLERANCE = 10
"""Words by which a boundary may miss in a tolerant pass; the paper gives no number."""
_WORD = re.compile(r"\S+")
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
_PASSES = ("doc_pass", "tol_pass", "all_found")
_L = len(LABELS)
Pair = tuple[set[tuple[int, ...]], set[tuple[int, ...]]]


@dataclass(frozen=True)
class Tally:
    """What one document adds to the sums that all measures are made of; tallies add up."""

    passes: Counts
    """doc_pass: the same sections to the word; tol_pass: the same labels in the same order, each boundary within
    `TOLERANCE` words; all_found: no boundary of the document is missed, whatever else was found. Shape (3,), 0 or 1."""
    begins: Counts
    """Boundaries of each label: hits, found, gold. Shape (labels, 3)."""
    spans: Counts
    """Sections that are right from the first word to the last: hits, found, gold. Shape (labels, 3)."""
    words: Counts
    """Words by gold label (row) and found label (column). Shape (labels, labels)."""

    def vector(self) -> Counts:
        """All counts in one row, with a 1 for the document."""
        return np.concatenate([[1], self.passes, self.begins.ravel(), self.spans.ravel(), self.words.ravel()])


def tally(gold: Segmented, found: Segmented) -> Tally:
    """Count one document. Both are of the same text."""
    assert gold.text == found.text, "the sections of two texts cannot be compared"
    starts = [match.start() for match in _WORD.finditer(gold.text)]
    right, said = _in_words(gold, starts), _in_words(found, starts)
    near = [label for label, _, _ in right] == [label for label, _, _ in said] and all(
        abs(a[1] - b[1]) <= TOLERANCE for a, b in zip(right, said, strict=True)
    )
    heads: Pair = ({span[:2] for span in right}, {span[:2] for span in said})
    words = np.zeros((_L, _L), dtype=np.int64)
    np.add.at(words, (_words(right, len(starts)), _words(said, len(starts))), 1)
    return Tally(
        passes=np.array([right == said, near, heads[0] <= heads[1]], dtype=np.int64),
        begins=_hits(*heads),
        spans=_hits(set(right), set(said)),
        words=words,
    )


def scores(tallies: Sequence[Tally]) -> dict[str, float]:
    """All measures over documents, 0..1; raises nothing for no document, which scores 0.

    doc_pass, tol_pass, all_found; bnd_acc: share of gold boundaries that were found; bnd_f1: micro-F1 of boundaries;
    span_exact_f1: micro-F1 of whole sections; col_mac_f1, col_weighted_f1: F1 of words by label without B and I, mean
    over the labels that occur, and weighted by their gold words; then by section `begin_precision.header`,
    `begin_recall.header`, `begin_f1.header` (Table 10), `span_f1.header`, `col_f1.header` (Table 11).
    """
    rows = np.stack([one.vector() for one in tallies]) if tallies else np.zeros((1, _WIDTH), dtype=np.int64)
    return {name: float(value) for name, value in scores_of(rows.sum(axis=0)).items()}


def scores_of(sums: Counts) -> dict[str, Floats]:
    """The measures of summed `Tally.vector`s, shape (..., width), each of shape (...)."""
    documents, passes, begins, spans, words = _unpacked(sums)
    named = {name: _share(passes[..., at], documents) for at, name in enumerate(_PASSES)}
    hits = np.diagonal(words, axis1=-2, axis2=-1)
    found, gold = words.sum(axis=-2), words.sum(axis=-1)
    word_f1, occurs = _share(2 * hits, found + gold), (found + gold) > 0
    named |= {
        "bnd_acc": _share(begins[..., 0].sum(-1), begins[..., 2].sum(-1)),
        "bnd_f1": _f1(begins.sum(axis=-2)),
        "span_exact_f1": _f1(spans.sum(axis=-2)),
        "col_mac_f1": _share((word_f1 * occurs).sum(-1), occurs.sum(-1)),
        "col_weighted_f1": _share((word_f1 * gold).sum(-1), gold.sum(-1)),
    }
    for at, section in enumerate(SECTIONS, start=1):
        head = begins[..., at, :]
        named |= {
            f"begin_precision.{section}": _share(head[..., 0], head[..., 1]),
            f"begin_recall.{section}": _share(head[..., 0], head[..., 2]),
            f"begin_f1.{section}": _f1(head),
            f"span_f1.{section}": _f1(spans[..., at, :]),
            f"col_f1.{section}": word_f1[..., at],
        }
    return named


_WIDTH = 1 + len(_PASSES) + 2 * 3 * _L + _L * _L


def _unpacked(sums: Counts) -> tuple[Counts, Counts, Counts, Counts, Counts]:
    ends = np.cumsum([1, len(_PASSES), 3 * _L, 3 * _L])
    documents, passes, begins, spans, words = np.split(sums, ends, axis=-1)
    front = sums.shape[:-1]
    return (
        documents[..., 0], passes, begins.reshape(*front, _L, 3), spans.reshape(*front, _L, 3),
        words.reshape(*front, _L, _L),
    )  # fmt: skip


def _in_words(decision: Segmented, starts: Sequence[int]) -> list[tuple[int, int, int]]:
    """(label, first word, word behind the last) of each section that holds a word."""
    found = [
        (LABELS.index(section.label), bisect_left(starts, section.start), bisect_left(starts, section.end))
        for section in decision.sections
    ]
    return [span for span in found if span[1] < span[2]]


def _words(spans: Sequence[tuple[int, int, int]], count: int) -> Counts:
    labels = np.zeros(count, dtype=np.int64)
    for label, first, end in spans:
        labels[first:end] = label
    return labels


def _hits(right: set[tuple[int, ...]], said: set[tuple[int, ...]]) -> Counts:
    counts = np.zeros((_L, 3), dtype=np.int64)
    for column, members in enumerate((right & said, said, right)):
        for member in members:
            counts[member[0], column] += 1
    return counts


def _f1(counts: Counts) -> Floats:
    """F1 of (..., 3): hits, found, gold."""
    return _share(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats:
    """part / whole, 0 where there is no whole."""
    return np.asarray(
        np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=np.asarray(whole) > 0)
    )
