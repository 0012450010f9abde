"""What each epoch gave on development, and which epoch each measure would choose. Source: HukukBERT appendix E."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

SHOWN = ("doc_pass", "tol_pass", "bnd_acc", "bnd_f1", "span_exact_f1", "col_mac_f1", "col_weighted_f1")
"""Measures of Table 9."""


class Epoch(BaseModel):
    """One evaluation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: float
    """Passes over the training decisions, counted from 1."""
    loss: float
    """Nats per unit or token of the development decisions."""
    scores: dict[str, float]

    def rank(self) -> tuple[float, float, float]:
        """What the checkpoint is chosen by: the document pass rate; in a tie boundaries decide, then sections."""
        return self.scores["doc_pass"], self.scores["bnd_f1"], self.scores["span_exact_f1"]


def chosen(epochs: Sequence[Epoch]) -> Epoch:
    """The first epoch of the highest rank."""
    return max(epochs, key=Epoch.rank)


def best_of_each(epochs: Sequence[Epoch]) -> dict[str, dict[str, float]]:
    """The epoch at which each measure, and the loss, is best, and its value there."""
    lowest = min(epochs, key=lambda one: one.loss)
    found = {"loss": {"epoch": lowest.epoch, "value": lowest.loss}}
    for name in SHOWN:
        best = max(epochs, key=lambda one: one.scores[name])
        found[name] = {"epoch": best.epoch, "value": best.scores[name]}
    return found


def table(epochs: Sequence[Epoch]) -> list[Mapping[str, float]]:
    """One row an evaluation: epoch, loss, and the measures of Table 9."""
    return [{"epoch": one.epoch, "loss": one.loss, **{name: one.scores[name] for name in SHOWN}} for one in epochs]
