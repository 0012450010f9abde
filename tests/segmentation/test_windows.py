"""Windows of tokens: covered without a gap, merged by the nearest middle, tags to sections and back."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from mecelle.segmentation.labels import LABELS, TAGS
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.windows.config import WindowsConfig
from mecelle.segmentation.windows.decoding import argmax, log_chances, ordered, sections_of_tags
from mecelle.segmentation.windows.rows import Tokens, merged, tags_of, windows
from mecelle.segmentation.windows.train import tag_weights
from mecelle.text.words import word_spans


def tokens(text: str) -> Tokens:
    """A token for each word."""
    spans = word_spans(text)
    return Tokens(list(range(len(spans))), spans)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 14, 15, 16, 100])
def test_windows_cover_every_token(count: int) -> None:
    ranges = windows(count, size=10, stride=5)
    assert sorted({at for start, end in ranges for at in range(start, end)}) == list(range(count))
    assert all(end - start == min(10, count) for start, end in ranges)
    assert all(b[0] - a[0] <= 5 for a, b in itertools.pairwise(ranges))


def test_a_token_has_the_scores_of_the_window_in_whose_middle_it_is() -> None:
    ranges = windows(20, size=10, stride=5)
    assert ranges == [(0, 10), (5, 15), (10, 20)]
    scores = [np.full((10, 3), window, dtype=np.float32) for window in range(3)]
    # Middles stand at 5, 10 and 15; token 7 reaches from 7 to 8, as near to 5 as to 10: the earlier window counts.
    assert merged(scores, ranges, 20)[:, 0].tolist() == [0] * 8 + [1] * 5 + [2] * 7


def test_tags_and_sections_are_one_thing(decisions: Sequence[Segmented]) -> None:
    for decision in decisions[:6]:
        read = tokens(decision.text)
        tags = tags_of(decision, read)
        assert sum(TAGS[tag].startswith("B-") for tag in tags) == len(decision.sections)
        logs = log_chances(20 * np.eye(len(TAGS), dtype=np.float32)[tags])
        for decode in (argmax, ordered):
            found = sections_of_tags(decision.text, read.spans, decode(logs), logs)
            assert [one.label for one in found] == [one.label for one in decision.sections]
            assert found[0].confidence == pytest.approx(1.0, abs=1e-3)


def test_a_stray_tag_opens_a_section_for_argmax_and_none_in_the_order_of_the_law() -> None:
    names = ["B-reasoning", "I-reasoning", "B-ruling", "I-ruling", "B-header", "I-ruling", "B-footer"]
    scores = 4 * np.eye(len(TAGS), dtype=np.float32)[[TAGS.index(name) for name in names]]
    text = "a b c d e f g"
    spans = [(2 * at, 2 * at + 1) for at in range(7)]
    logs = log_chances(scores)

    def labels(tags: list[int]) -> list[str]:
        return [one.label for one in sections_of_tags(text, spans, tags, logs)]

    assert labels(argmax(logs)) == ["reasoning", "ruling", "header", "ruling", "footer"]
    assert labels(ordered(logs)) == ["reasoning", "ruling", "footer"]


def test_b_tags_weigh_five_times_their_class_and_rare_classes_more() -> None:
    tags = [1, *[2] * 9, 3, *[4] * 89]
    weights = tag_weights(tags, WindowsConfig())
    assert weights[1] == pytest.approx(5 * weights[2])
    assert (weights[2] / weights[4]).item() == pytest.approx((90 / 10) ** 0.5)
    assert torch.equal(
        tag_weights(tags, WindowsConfig(class_weights=False))[:5], torch.tensor([1.0, 5.0, 1.0, 5.0, 1.0])
    )
    assert len(LABELS) * 2 - 1 == len(weights)
