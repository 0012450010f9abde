"""Contrastive losses: pure functions of embeddings, one file each, found by listing this folder.

Letters in names of tensors: B queries, N documents (N >= B: hard negatives may follow), D components of the model
in training, G components of the guide, K candidates of a query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from mecelle.base.registry import Registry


@dataclass(frozen=True)
class GuideView:
    """What the guide thinks of one batch."""

    queries: Tensor
    """Unit rows, shape (B, G)."""
    documents: Tensor
    """Unit rows, shape (N, G), in the order that the model in training has them."""
    margin: float = 0.0
    """How much less similar than its own document a negative must be to stay; cosine, 0..2."""


class LossFunction(Protocol):
    """`target_B[i]` is the row of `d_ND` that answers `q_BD[i]`. Rows are unit vectors. Returns mean nats per query."""

    def __call__(
        self, q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, guide: GuideView | None = None
    ) -> Tensor: ...


@dataclass(frozen=True)
class Objective:
    """A loss and what it needs."""

    function: LossFunction
    guided: bool


LOSSES: Registry[Objective] = Registry(__name__, kind="loss")


def loss(name: str, *, guided: bool) -> Callable[[LossFunction], LossFunction]:
    """File a loss under `name`; guided: whether it needs a `GuideView`."""

    def file(function: LossFunction) -> LossFunction:
        LOSSES.register(name)(Objective(function, guided))
        return function

    return file
