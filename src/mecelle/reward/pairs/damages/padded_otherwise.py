"""Padding that no training has seen (dolgu cümleleri, başka sözlerle): what is learnt by heart does not help."""

from mecelle.reward.pairs.damages import damage
from mecelle.reward.pairs.damages.padded import pad


@damage("padded_otherwise.v1", lowers="depth_coverage")
def padded_otherwise(answer: str, *, seed: int) -> str | None:
    """As `padded.v1`, from the other half of the fillers."""
    return pad(answer, "padded_otherwise", seed=seed)
