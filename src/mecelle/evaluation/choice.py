"""Which systems are compared, and which of them search will use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mecelle.base.errors import ConfigError
from mecelle.evaluation.compare import RESAMPLES, compare
from mecelle.evaluation.systems import LEXICAL

HEADLINE = "ndcg@10"

GUIDE, ENCODER = "guide", "encoder"
YARDSTICKS = {GUIDE, ENCODER}
"""Names of the published model and of the encoder that is not trained for retrieval: compared, never chosen."""
FUSED_WITH = "bm25:first5"


def default_systems(models: Iterable[str]) -> tuple[str, ...]:
    """Both BM25s, the guide and every model; all but the encoder also fused with BM25."""
    names = [name for name in models if name != GUIDE]
    fused = [f"{FUSED_WITH}+{name}" for name in (GUIDE, *names) if name != ENCODER]
    return (*LEXICAL, GUIDE, *names, *fused)


def choose(
    development: Mapping[str, Sequence[float]], systems: Sequence[str], *, seed: int, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """The system that search will use, by the scores of development queries, among those that an index can serve.

    development: system -> score of each query, in one order. Search by words is what needs no proof: a system with
    vectors takes its place only if its paired gain over the best of them has a 95% interval above zero. A handful of
    queries proves nothing, so a small collection is searched by words. The guide and the untrained encoder are
    yardsticks, not candidates.
    Raises ConfigError if none of `systems` is a candidate.
    """
    candidates = [name for name in systems if _can_serve(name)]
    if not candidates:
        raise ConfigError(f"systems {', '.join(systems)}: none can serve a search; add bm25:snowball or embedding")
    means = {name: float(np.mean(development[name])) for name in candidates}
    ranked = sorted(candidates, key=lambda name: (-round(means[name], 6), name.count("+")))
    words = [name for name in ranked if name in LEXICAL]
    gains = {
        name: compare(development[name], development[words[0]], seed=seed, resamples=resamples)
        for name in (ranked if words else ())
        if name not in LEXICAL
    }
    best = next((name for name in ranked if not words or (name in gains and gains[name].low > 0)), None) or words[0]
    parts = best.split("+")
    terms = next((part.partition(":")[2] for part in parts if part in LEXICAL), None)
    return {
        "system": best,
        "mode": "hybrid" if len(parts) > 1 else "bm25" if terms else "dense",
        "terms": terms,
        "development": means[best],
        "gains_over_words": {name: gain.model_dump(exclude={"p", "p_holm"}) for name, gain in gains.items()},
    }


def _can_serve(name: str) -> bool:
    """An index holds one list of terms and the vectors of one model."""
    parts = name.split("+")
    lexical = sum(part in LEXICAL for part in parts)
    return not YARDSTICKS & set(parts) and lexical <= 1 and len(parts) - lexical <= 1
