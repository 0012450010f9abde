"""How good an answer is known to be, from what was done to it."""

from collections import Counter
from collections.abc import Sequence

from mecelle.reward.objectives import OBJECTIVES, Objective
from mecelle.reward.pairs.damages import DAMAGES
from mecelle.reward.pairs.record import Labels
from mecelle.text.citations import find_citations


def labels_of(true_answer: str, damages: Sequence[str]) -> Labels:
    """Label of each objective: 2 to the power of minus the number of damages that lower it, so 1, .5, .25, ...

    References to acts or decisions are judged only where the true answer has such: where it cites no decision, nothing
    is known about how decisions are cited (None), and the regression leaves it out, as ArmoRM does with objectives that
    a data set does not rate.
    """
    lowered = Counter(objective for name in damages for objective in DAMAGES.get(name).lowers)
    cited = {citation.kind for citation in find_citations(true_answer)}
    judged = {"statute_reference": bool(cited & {"article", "law"}), "case_law_reference": "decision" in cited}
    return {name: 2.0 ** -lowered[name] if judged.get(name, True) else None for name in OBJECTIVES}


def dominates(better: Labels, worse: Labels) -> bool:
    """Whether an answer is known to be better: nowhere worse, and somewhere better, by labels that both have."""
    both: list[Objective] = [name for name in OBJECTIVES if better[name] is not None and worse[name] is not None]
    pairs = [(better[name] or 0.0, worse[name] or 0.0) for name in both]
    return all(high >= low for high, low in pairs) and any(high > low for high, low in pairs)
