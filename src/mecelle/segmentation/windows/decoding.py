"""From the scores of tags to sections: the most likely tag of each token, or the best path in the order of the law."""

from collections.abc import Sequence

import numpy as np

from mecelle.segmentation.labels import LABELS, TAGS, label_of_tag, tag_of_label
from mecelle.segmentation.order import FORBIDDEN, order
from mecelle.segmentation.record import SectionSpan
from mecelle.segmentation.viterbi import Floats, best_path

_OF_TAG = [label_of_tag(tag) for tag in range(len(TAGS))]


def log_chances(scores_NT: Floats) -> Floats:
    """Log-probabilities of tags from their scores, shape (tokens, tags)."""
    shifted = scores_NT - scores_NT.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


def argmax(logs_NT: Floats) -> list[int]:
    """The most likely tag of each token by itself."""
    return [int(tag) for tag in logs_NT.argmax(axis=1)]


def ordered(logs_NT: Floats) -> list[int]:
    """The most likely tags that keep the order of the law (Viterbi): a label may change at a B-tag alone."""
    return best_path(logs_NT, *_tag_costs())


def sections_of_tags(
    text: str, spans: Sequence[tuple[int, int]], tags: Sequence[int], logs_NT: Floats
) -> list[SectionSpan]:
    """Sections from tags: a B-tag opens one, and so does an I-tag of another label (as seqeval reads BIO).

    Confidence: mean probability of the label, B and I together, over the section's tokens.
    """
    labels = [_OF_TAG[tag] for tag in tags]
    opens = [at for at, tag in enumerate(tags) if at == 0 or tag % 2 == 1 or labels[at] != labels[at - 1]]
    found = []
    for first, end in zip(opens, [*opens[1:], len(tags)], strict=True):
        label = labels[first]
        if not label:
            continue
        both = np.exp(logs_NT[first:end, 2 * label - 1 : 2 * label + 1]).sum(axis=1)
        stop = spans[end][0] if end < len(spans) else len(text)
        found.append(SectionSpan.model_validate({
            "label": LABELS[label], "start": spans[first][0], "end": stop,
            "confidence": round(min(float(both.mean()), 1.0), 4),
        }))  # fmt: skip
    return found


def _tag_costs() -> tuple[Floats, Floats]:
    """The order of labels as costs of tags: at the start, shape (tags,), and of each after each, (tags, tags)."""
    labels = np.array(_OF_TAG)
    start, between = order().start()[labels], order().transitions()[labels[:, None], labels]
    same = labels[:, None] == labels
    inside = np.array([tag == tag_of_label(label, begins=False) for tag, label in enumerate(_OF_TAG)])
    # I follows its own label alone; B of the label that is open would cut a section in two.
    between = np.where(inside & ~same & (labels > 0), FORBIDDEN, between)
    between = np.where(~inside & same & (labels > 0), FORBIDDEN, between)
    return np.where(inside & (labels > 0), FORBIDDEN, start).astype(np.float32), between.astype(np.float32)
