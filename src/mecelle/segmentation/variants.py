"""Harder forms of a decision, with its sections still known: as scanned, without line ends, in capitals."""

from collections.abc import Callable, Mapping

from mecelle.segmentation.decision import rewritten
from mecelle.segmentation.record import Segmented
from mecelle.text.casing import upper
from mecelle.text.perturbation import scanned

PLAIN = "plain"
Variant = Callable[[Segmented, int], Segmented]


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


VARIANTS: Mapping[str, Variant] = {
    PLAIN: lambda decision, seed: decision,
    "scanned": lambda decision, seed: rewritten(decision, lambda text: scanned(text, seed=seed)),
    "one_line": lambda decision, seed: rewritten(decision, _one_line),
    "capitals": lambda decision, seed: rewritten(decision, upper),
}
"""Name -> the decision in that form. scanned: `mecelle.text.perturbation.scanned`, about 2% of the characters wrong."""
