"""Losses: pure functions of embeddings, one file each, found by listing this folder.

Letters in names of tensors: B queries, R of them whose loss is asked, N documents (N >= B: hard negatives may follow),
D components of the model in training, G components of the guide, K candidates of a query.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from mecelle.base.registry import Registry

ALL = slice(None)
"""Every query of the batch."""

LossFunction = Callable[..., Tensor]
"""`loss(q_BD, d_ND, target_B, **named)`: a mean over queries, in float32 whatever the precision of the embeddings.

Rows of q_BD and d_ND are unit vectors; target_B[i] is the row of d_ND that answers (or is paired with) query i.
A loss says by its keywords what else it wants: parameters of the stage by their names (`temperature`), and

guide     `GuideView`: what the guide thinks of the batch
grades_B  how close query and document of each pair are, on any scale, higher for closer
rows      the queries whose mean loss is asked, all of the batch being candidates: the loss of a batch is then the mean
          of parts, so that a matrix of B x K need not be in memory at once
"""


@dataclass(frozen=True)
class GuideView:
    """What the guide thinks of one batch."""

    queries: Tensor
    """Unit rows, shape (B, G)."""
    documents: Tensor
    """Unit rows, shape (N, G), in the order that the model in training has them."""


@dataclass(frozen=True)
class Objective:
    """A loss and what it needs."""

    function: LossFunction
    keywords: frozenset[str]
    """What it takes by name."""

    @property
    def guided(self) -> bool:
        """Whether it needs a guide."""
        return "guide" in self.keywords

    @property
    def graded(self) -> bool:
        """Whether it needs the grades of the pairs."""
        return "grades_B" in self.keywords


LOSSES: Registry[Objective] = Registry(__name__, kind="loss")


def loss(name: str) -> Callable[[LossFunction], LossFunction]:
    """File a loss under `name`."""

    def file(function: LossFunction) -> LossFunction:
        parameters = inspect.signature(function).parameters.values()
        keywords = frozenset(one.name for one in parameters if one.kind is one.KEYWORD_ONLY)
        LOSSES.register(name)(Objective(function, keywords))
        return function

    return file
