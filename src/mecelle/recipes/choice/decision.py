"""The choice among checkpoints, as a pure function of their scores; its rule is a parameter, fixed before any score.

The best retriever by the mean over development queries is compared with every other one, query by query; those that the
test cannot tell from it (Holm-corrected) are tied. Among the tied one is taken:

lowest_loss   what pre-training itself aims at decides where retrieval does not. A few dozen queries tie many
              checkpoints, early and half-trained ones among them; the loss is measured on thousands of tokens, and
              whoever departs from it (Mecellem §4.1) should have to show why. The default.
earliest      fewest training tokens: for who wants to know how little would have been enough. Runs are compared by
              tokens, else by steps; of equal ones that with the lower loss.
best_mean     the best retriever, tied or not: the paper's own reading, without a test.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError
from mecelle.evaluation.compare import Comparison, compare_many

Rule = Literal["lowest_loss", "earliest", "best_mean"]


class Decision(BaseModel):
    """What was chosen, and what of."""

    model_config = ConfigDict(frozen=True)

    rule: Rule
    alpha: float
    best: str
    """Highest mean over development queries; of equal ones that with the lower loss."""
    comparisons: dict[str, Comparison]
    """Every other candidate minus the best; the best was picked by the same queries, which favours it."""
    tied: tuple[str, ...]
    """The best and all that cannot be told from it, in the order of the candidates."""
    chosen: str
    lowest_loss: str

    @property
    def sentence(self) -> str:
        """Whether the lowest loss was the best retriever."""
        if self.lowest_loss == self.best:
            return f"The lowest loss was the best retriever: {self.best}."
        found = self.comparisons[self.lowest_loss]
        told = (
            "cannot be told from it: no evidence that the loss misleads"
            if self.lowest_loss in self.tied
            else "is worse: the loss misleads here"
        )
        return (
            f"The lowest loss ({self.lowest_loss}) was not the best retriever ({self.best}); it {told} "
            f"(difference {found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}], p {found.p_holm:.3f} by Holm)."
        )


def decide(
    development: Mapping[str, Sequence[float]],
    losses: Mapping[str, float],
    amounts: Mapping[str, int | None],
    *,
    rule: Rule,
    alpha: float,
    seed: int,
    resamples: int,
) -> Decision:
    """Choose one of the candidates.

    development: candidate -> score of each development query, in one order. losses: of each, lower is better. amounts:
    how much training each has had (tokens or steps), None where that is not known.
    Raises InputError for the rule "earliest" if an amount is not known.
    """
    names = list(development)
    by_loss = sorted(names, key=lambda name: losses[name])
    best = max(by_loss, key=lambda name: round(float(np.mean(development[name])), 9))
    comparisons = compare_many(development, [best], seed=seed, resamples=resamples)[best]
    tied = tuple(name for name in names if name == best or _corrected(comparisons[name]) >= alpha)
    if rule == "best_mean":
        chosen = best
    elif rule == "lowest_loss":
        chosen = next(name for name in by_loss if name in tied)
    else:
        unknown = [name for name in names if amounts[name] is None]
        if unknown:
            raise InputError(
                f"rule 'earliest': how long {', '.join(unknown)} was trained is not known, since no curve.jsonl stands "
                "by it; take the rule 'lowest_loss'"
            )
        chosen = min((name for name in by_loss if name in tied), key=lambda name: amounts[name] or 0)
    return Decision(
        rule=rule,
        alpha=alpha,
        best=best,
        comparisons=comparisons,
        tied=tied,
        chosen=chosen,
        lowest_loss=by_loss[0],
    )


def _corrected(comparison: Comparison) -> float:
    assert comparison.p_holm is not None, "tables are corrected"
    return comparison.p_holm
