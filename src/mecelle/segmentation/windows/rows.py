"""Texts to windows of tokens, and the scores of windows back to one row of scores for each token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mecelle.segmentation.labels import LABELS, tag_of_label
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.viterbi import Floats


@dataclass(frozen=True)
class Tokens:
    """A text as tokens, without specials."""

    ids: list[int]
    spans: list[tuple[int, int]]
    """Half-open characters of each token."""


def tokens_of(text: str, tokenizer: Any) -> Tokens:
    """The tokens of a text; those of no character are left out."""
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False)
    kept = [
        (one, span)
        for one, span in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
        if span[0] < span[1]
    ]
    return Tokens([one for one, _ in kept], [(int(start), int(end)) for _, (start, end) in kept])


def windows(count: int, *, size: int, stride: int) -> list[tuple[int, int]]:
    """Half-open token ranges that cover `count` tokens: a new one every `stride`, the last one ends with the text."""
    starts = list(range(0, max(count - size, 0) + stride, stride))
    if count > size:
        starts[-1] = count - size
    return [(start, min(start + size, count)) for start in starts if start < count]


def merged(scores: Sequence[Floats], ranges: Sequence[tuple[int, int]], count: int) -> Floats:
    """One row of scores for each token, shape (count, tags): of the window whose middle is nearest to it.

    A token near the edge of a window is read with half of its context, and in the next window with all of it. The paper
    does not say how its windows were merged.
    """
    best = np.full(count, np.inf)
    whole = np.zeros((count, scores[0].shape[1]), dtype=np.float32)
    for (start, end), rows in zip(ranges, scores, strict=True):
        distance = np.abs(np.arange(start, end) + 0.5 - (start + end) / 2)
        nearer = distance < best[start:end]
        best[start:end][nearer] = distance[nearer]
        whole[start:end][nearer] = rows[nearer]
    return whole


def tags_of(decision: Segmented, tokens: Tokens) -> list[int]:
    """The number of the BIO tag of each token: B where a section's first token stands."""
    tags, at = [0] * len(tokens.ids), 0
    for section in decision.sections:
        label, begins = LABELS.index(section.label), True
        while at < len(tags) and tokens.spans[at][0] < section.start:
            at += 1
        while at < len(tags) and tokens.spans[at][0] < section.end:
            tags[at] = tag_of_label(label, begins=begins)
            begins, at = False, at + 1
    return tags
