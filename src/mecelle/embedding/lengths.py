"""How long the texts are in tokens, and what the length limit costs: reported before training (Mecellem §3.3.5)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase


def token_statistics(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int) -> dict[str, Any]:
    """Mean, P99 and longest length in tokens (specials included), shares of texts cut and of tokens lost, 0..1."""
    lengths = np.array(
        [
            len(ids)
            for start in range(0, len(texts), 1024)
            for ids in tokenizer(list(texts[start : start + 1024]), truncation=False, verbose=False)["input_ids"]
        ]
    )
    lost = np.maximum(lengths - max_length, 0)
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
    }
