"""Documents packed into rows for a decoder: `<begin> text <end> <begin> text <end> ... <pad>`.

A document that fits a row is never cut. Of a longer one no piece but the first has the token of the beginning and none
but the last that of the end, so that the model is never told that a text begins or ends where a row does.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.decoder.special_tokens import SpecialTokens
from mecelle.training.order import Order
from mecelle.training.packing import PackConfig, PackedRows, Part, check_enough, write_parts
from mecelle.training.pieces import IGNORED
from mecelle.training.tokens import Tokens, write_tokens

STAGE = "pack_decoder"
VERSION = 1


def pack(
    training: Path,
    name: Path | str,
    tokenizer: Any,
    special: SpecialTokens,
    out: Path,
    config: PackConfig,
    *,
    seed: int,
) -> None:
    """Tokenise the collection `training` and pack it into rows, for training and for evaluation.

    name: folder or hub id of `tokenizer`. Raises InputError if there are fewer than two documents with text.
    """
    inputs = {"training": training, "tokenizer": name}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        write_tokens(
            read_documents(training),
            tokenizer,
            run.folder,
            accounts=run.accounts,
            begin=special.before,
            end=(special.end,),
        )
        tokens = Tokens(run.folder)
        check_enough(tokens, training)
        run.figures["tokens"] = int(tokens.lengths.sum())
        run.figures |= write_parts(run.folder, tokens, config, specials=0, seed=seed)


class CausalRows(PackedRows):
    """Packed rows of one part of a pack."""

    def __init__(self, folder: Path, part: Part, *, pad: int) -> None:
        """folder: made by `pack`; pad: id at places that no piece takes."""
        super().__init__(folder, part)
        self.pad = pad

    def __getitem__(self, row: int) -> dict[str, NDArray[Any]]:
        """One row, three arrays of shape (length,).

        ids: int64. block: int32, number of the piece; attention stays within it; -1 at padding. labels: int64, the
        token that follows in the same piece; IGNORED at the last of each piece and at padding.
        """
        ids = np.full(self.length, self.pad, np.int64)
        block = np.full(self.length, -1, np.int32)
        labels = np.full(self.length, IGNORED, np.int64)
        at = 0
        for number, (document, begin, size) in enumerate(self.pieces[self.offsets[row] : self.offsets[row + 1]]):
            first = self.tokens.starts[document] + begin
            inside = slice(at, at + size)
            ids[inside] = self.tokens.ids[first : first + size]
            block[inside] = number
            labels[at : at + size - 1] = ids[at + 1 : at + size]
            at += size
        return {"ids": ids, "block": block, "labels": labels}


class TrainingRows(Dataset[dict[str, NDArray[Any]]]):
    """The whole run as one dataset: item p is the row at place p, over as many epochs as the run takes."""

    def __init__(self, rows: CausalRows, order: Order, *, steps: int) -> None:
        self.rows, self.order, self.steps = rows, order, steps

    def __len__(self) -> int:
        return self.steps * self.order.rows_per_step

    def __getitem__(self, place: int) -> dict[str, NDArray[Any]]:
        return self.rows[self.order.row(place)]


class EvaluationRows(Dataset[dict[str, NDArray[Any]]]):
    """The first `count` held-out rows."""

    def __init__(self, rows: CausalRows, *, count: int) -> None:
        self.rows, self.count = rows, min(count, len(rows))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> dict[str, NDArray[Any]]:
        if not 0 <= place < self.count:
            raise IndexError(place)  # lets a plain `for` end
        return self.rows[place]


def collate(rows: list[dict[str, NDArray[Any]]]) -> dict[str, torch.Tensor]:
    """Rows as tensors: input_ids, block and labels, each (B, T)."""
    stacked = {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in ("ids", "block", "labels")}
    return {"input_ids": stacked["ids"], "block": stacked["block"], "labels": stacked["labels"]}
