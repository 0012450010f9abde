"""Which systems are compared, and which of them search will use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mecelle.base.errors import ConfigError
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


def choose(development: Mapping[str, Mapping[str, Any]], systems: Sequence[str]) -> dict[str, Any]:
    """The system that search will use: the best mean on development among those that an index can serve.

    The guide and the untrained encoder are yardsticks, not candidates. Of equals the simpler (without vectors) wins.
    Raises ConfigError if none of `systems` is a candidate.
    """
    candidates = [name for name in systems if _can_serve(name)]
    if not candidates:
        raise ConfigError(f"systems {', '.join(systems)}: none can serve a search; add bm25:snowball or embedding")

    def merit(name: str) -> tuple[float, bool, int]:
        return round(development[name][HEADLINE]["mean"], 6), name in LEXICAL, -name.count("+")

    best = max(candidates, key=merit)
    parts = best.split("+")
    words = next((part.partition(":")[2] for part in parts if part in LEXICAL), None)
    mode = "hybrid" if len(parts) > 1 else "bm25" if words else "dense"
    return {"system": best, "mode": mode, "terms": words, "development": development[best][HEADLINE]["mean"]}


def _can_serve(name: str) -> bool:
    """An index holds one list of terms and the vectors of one model."""
    parts = name.split("+")
    lexical = sum(part in LEXICAL for part in parts)
    return not YARDSTICKS & set(parts) and lexical <= 1 and len(parts) - lexical <= 1
