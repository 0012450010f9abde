"""Which systems are compared, and which of them search will use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mecelle.base.errors import ConfigError
from mecelle.evaluation.compare import RESAMPLES, compare
from mecelle.evaluation.systems import LEXICAL

HEADLINE = "ndcg@10"

GUIDE, ENCODER, SHIPPED = "guide", "encoder", "shipped"
SHIPPED_MODEL = "package:mecelle"
YARDSTICKS = {GUIDE, ENCODER}
"""Names of the published model and of the encoder that is not trained for retrieval: compared, never chosen."""
FUSED_WITH = "bm25:first5"
PROVEN = f"{FUSED_WITH}+{SHIPPED}"
"""What search uses where nothing better is proved: the model that Mecelle ships, fused with words."""


def default_systems(models: Iterable[str]) -> tuple[str, ...]:
    """Both BM25s, the guide and every model; all but the encoder also fused with BM25."""
    names = [name for name in models if name != GUIDE]
    fused = [f"{FUSED_WITH}+{name}" for name in (GUIDE, *names) if name != ENCODER]
    return (*LEXICAL, GUIDE, *names, *fused)


def choose(
    development: Mapping[str, Sequence[float]], systems: Sequence[str], *, seed: int, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """The system that search will use, by the scores of development queries, among those that an index can serve.

    development: system -> score of each query, in one order. What needs no proof here is PROVEN where it is among the
    systems, since it was measured on real questions (docs/results/embeddings.md); else the best search by words.
    Another system takes its place only if its paired gain has a 95% interval above zero: a handful of queries proves
    nothing. The guide and the untrained encoder are yardsticks, not candidates.
    Raises ConfigError if none of `systems` is a candidate.
    """
    candidates = [name for name in systems if _can_serve(name)]
    if not candidates:
        raise ConfigError(f"systems {', '.join(systems)}: none can serve a search; add bm25:snowball or embedding")
    means = {name: float(np.mean(development[name])) for name in candidates}
    ranked = sorted(candidates, key=lambda name: (-round(means[name], 6), name.count("+")))
    words = [name for name in ranked if name in LEXICAL]
    usual = PROVEN if PROVEN in candidates else next(iter(words), None)
    gains = {
        name: compare(development[name], development[usual], seed=seed, resamples=resamples)
        for name in ranked
        if usual and name != usual
    }
    proved = [name for name in ranked if name in gains and gains[name].low > 0]
    best = next(iter(proved), usual or ranked[0])
    parts = best.split("+")
    terms = next((part.partition(":")[2] for part in parts if part in LEXICAL), None)
    return {
        "system": best,
        "mode": "hybrid" if len(parts) > 1 else "bm25" if terms else "dense",
        "terms": terms,
        "model": next((part for part in parts if part not in LEXICAL), None),
        "development": means[best],
        "usual": usual,
        "gains": {name: gain.model_dump(exclude={"p", "p_holm"}) for name, gain in gains.items()},
    }


def _can_serve(name: str) -> bool:
    """An index holds one list of terms and the vectors of one model."""
    parts = name.split("+")
    lexical = sum(part in LEXICAL for part in parts)
    return not YARDSTICKS & set(parts) and lexical <= 1 and len(parts) - lexical <= 1
