"""How tokens that the old tokenizer does not have begin, one file each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mecelle.base.registry import Registry
from mecelle.encoder.transfer.auxiliary import AuxiliaryConfig


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a method may look at."""

    table: NDArray[np.float32]
    """Rows of the old tokens, shape (V, C): embedding, output bias and what else has a row per token, side by side."""
    origins: NDArray[np.int64]
    """Old id of each new token, shape (N,); `matching.NONE` where there is none."""
    wanted: NDArray[np.int64]
    """New ids of the tokens to be filled, shape (M,), rising."""
    old: Any
    """Fast tokenizers of transformers."""
    new: Any
    texts: Sequence[str]
    """Sample of the text that training goes on with; may be empty."""
    auxiliary: AuxiliaryConfig


class Filled(NamedTuple):
    """The rows of the wanted tokens."""

    rows: NDArray[np.float32]
    """Shape (M, C)."""
    ways: list[str]
    """What each row was made of, in a word or two that a table can count: "mean", "old pieces", "drawn"."""


class Method(Protocol):
    """Fills rows of a table."""

    def __call__(self, task: Task, *, seed: int) -> Filled:
        """Rows for `task.wanted`, in its order. Same task and seed, same rows."""


METHODS: Registry[Method] = Registry("mecelle.encoder.transfer.methods", kind="transfer method")


def draw_like(table_VC: NDArray[np.float32], count: int, *, rng: np.random.Generator) -> NDArray[np.float32]:
    """Rows from a normal distribution with mean and deviation of each column, shape (count, C)."""
    return rng.normal(table_VC.mean(0), table_VC.std(0), (count, table_VC.shape[1])).astype(np.float32)
