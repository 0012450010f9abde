"""Masked rows by their place in the run, and batches of one fixed shape."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from mecelle.base.seeds import generator
from mecelle.encoder.masking import Masking
from mecelle.encoder.rates import Rates, rate_at
from mecelle.encoder.replacement import Replacement, replace
from mecelle.encoder.vocabulary import Vocabulary
from mecelle.training.order import Order
from mecelle.training.packing import Rows
from mecelle.training.pieces import IGNORED


@dataclass(frozen=True, kw_only=True)
class Masker:
    """Masks rows: which positions, and what stands there."""

    masking: Masking
    rates: Rates
    replacement: Replacement
    vocabulary: Vocabulary
    seed: int

    def apply(self, row: dict[str, NDArray[Any]], *, use: str, place: int, rate: float) -> dict[str, NDArray[Any]]:
        """The row with masks that depend on (seed, use, place, rate) alone, so that any step can be made again.

        Adds to `row["block"]`: ids (with masks), places (K,) of what is to be predicted and labels (K,), where
        K = ceil(rate * row length); a row with less to mask fills up with place 0 and label IGNORED.
        """
        rng = generator(self.seed, "masks", use, place)
        maskable = row["maskable"]
        count = round(rate * int(maskable.sum()))
        chosen = self.masking(row["ids"], row["words"], maskable, row["terms"], count=count, rng=rng)
        slots = ceil(rate * len(maskable))
        found = np.flatnonzero(chosen)
        places, labels = np.zeros(slots, np.int64), np.full(slots, IGNORED, np.int64)
        places[: len(found)], labels[: len(found)] = found, row["ids"][found]
        ids = replace(
            row["ids"],
            chosen,
            self.replacement,
            mask=self.vocabulary.special_ids["mask"],
            ordinary=self.vocabulary.ordinary,
            rng=rng,
        )
        return {"ids": ids, "block": row["block"], "places": places, "labels": labels}


class TrainingRows(Dataset[dict[str, NDArray[Any]]]):
    """The whole run as one dataset: item p is the masked row at place p, over as many epochs as the run takes."""

    def __init__(self, rows: Rows, order: Order, masker: Masker, *, steps: int) -> None:
        self.rows, self.order, self.masker, self.steps = rows, order, masker, steps

    def __len__(self) -> int:
        return self.steps * self.order.rows_per_step

    def __getitem__(self, place: int) -> dict[str, NDArray[Any]]:
        rate = rate_at(self.masker.rates, step=place // self.order.rows_per_step, steps=self.steps)
        return self.masker.apply(self.rows[self.order.row(place)], use="training", place=place, rate=rate)


class EvaluationRows(Dataset[dict[str, NDArray[Any]]]):
    """The first `count` held-out rows, with the same masks at every evaluation."""

    def __init__(self, rows: Rows, masker: Masker, *, count: int) -> None:
        self.rows, self.masker, self.count = rows, masker, min(count, len(rows))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> dict[str, NDArray[Any]]:
        if not 0 <= place < self.count:
            raise IndexError(place)  # lets a plain `for` end
        _, rate = self.masker.rates[-1]
        return self.masker.apply(self.rows[place], use="evaluation", place=place, rate=rate)


def collate(rows: list[dict[str, NDArray[Any]]]) -> dict[str, torch.Tensor]:
    """Rows as tensors: input_ids and block (B, T); places, in the flattened batch, and labels (B * K,)."""
    length = len(rows[0]["ids"])
    places = np.concatenate([row["places"] + number * length for number, row in enumerate(rows)])
    return {
        "input_ids": torch.from_numpy(np.stack([row["ids"] for row in rows])),
        "block": torch.from_numpy(np.stack([row["block"] for row in rows])),
        "places": torch.from_numpy(places),
        "labels": torch.from_numpy(np.concatenate([row["labels"] for row in rows])),
    }
