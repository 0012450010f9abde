"""How long the texts are in tokens, and what the length limit costs: reported before training (Mecellem §3.3.5)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from mecelle.embedding.pairs.record import read_pairs
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable

LIMITS = (64, 128, 256, 512, 1024, 2048)
"""Maximum lengths whose cost is always told."""


def token_statistics(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> dict[str, Any]:
    """Mean, P99 and longest length in tokens (specials included), shares of texts cut and of tokens lost, 0..1.

    `by_limit` tells the coverage (share of texts that are not cut) and the share of tokens lost of other limits.
    """
    lengths = np.array(
        [
            len(ids)
            for start in range(0, len(texts), 1024)
            for ids in tokenizer(list(texts[start : start + 1024]), truncation=False, verbose=False)["input_ids"]
        ]
    )
    lost = np.maximum(lengths - max_length, 0)
    limits = sorted({*LIMITS, max_length})
    return {
        "texts": len(lengths),
        "tokens": int(lengths.sum()),
        "mean": round(float(lengths.mean()), 2),
        "p99": int(np.ceil(np.percentile(lengths, 99))),
        "longest": int(lengths.max()),
        "max_length": max_length,
        "texts_cut": int((lost > 0).sum()),
        "share_cut": round(float((lost > 0).mean()), 6),
        "tokens_lost": int(lost.sum()),
        "share_lost": round(float(lost.sum() / lengths.sum()), 6),
        "by_limit": [_at(lengths, limit) for limit in limits],
    }


def pair_lengths(pairs: Path, model: Path | str, *, max_length: int) -> dict[str, dict[str, Any]]:
    """`token_statistics` of the distinct queries and documents of an artifact (or file) of pairs.

    model: folder or hub id whose tokenizer counts. Raises ArtifactError if it has none, and what `read_pairs` raises.
    """
    folder = Path(model) if (Path(model) / "tokenizer.json").exists() else find_folder(model)
    with told_when_unloadable(folder, "a tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    given = list(read_pairs(pairs))
    queries = dict.fromkeys(pair.query for pair in given)
    documents = dict.fromkeys(text for pair in given for text in (pair.document, *pair.negatives))
    return {
        side: token_statistics(tokenizer, list(texts), max_length=max_length)
        for side, texts in (("queries", queries), ("documents", documents))
    }


def _at(lengths: NDArray[np.int64], limit: int) -> dict[str, Any]:
    """What another limit would cost."""
    return {
        "max_length": limit,
        "coverage": round(float((lengths <= limit).mean()), 6),
        "share_lost": round(float(np.maximum(lengths - limit, 0).sum() / lengths.sum()), 6),
    }
