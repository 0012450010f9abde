"""Vectors of the words of a text, from the hidden states of a frozen encoder."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ArtifactError, require
from mecelle.base.protocols import Span
from mecelle.models.folders import find_folder, fingerprint
from mecelle.models.loading import check_device, positions_of, told_when_unloadable
from mecelle.models.placing import owners_of
from mecelle.models.quiet import quiet

MOST_TOKENS = 512


class WordVectors:
    """An encoder in a folder, asked for the words of a text."""

    def __init__(self, name: str | Path, *, layer: float, device: str = "cpu", batch_size: int = 32) -> None:
        """layer: depth, 0 (the embeddings of the tokens) to 1 (the last layer).

        Raises ArtifactError if the folder does not load as an encoder with a fast tokenizer.
        """
        self.name, self.layer, self.device, self.batch_size = str(name), layer, device, batch_size
        self.folder = find_folder(name)
        library = require("transformers", extra="train", why=f"The model {name}")
        check_device(device)
        with quiet(), told_when_unloadable(self.folder, "an encoder"):
            self.model: Any = library.AutoModel.from_pretrained(str(self.folder)).to(device).eval()
            self.tokenizer: Any = library.AutoTokenizer.from_pretrained(str(self.folder))
        if not self.tokenizer.is_fast:
            raise ArtifactError(f"{self.folder}: its tokenizer is not a fast one; offsets are needed")

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer and layer."""
        return fingerprint(self.folder, {"layer": self.layer})

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[NDArray[np.float32]]:
        """For each text the vectors of its words, shape (words, components): the mean over the tokens of each.

        spans: where the words stand, in order. A word of which no token is read (a sign that the tokenizer drops, a
        text beyond MOST_TOKENS) has a row of NaN.
        """
        import torch

        found: list[Any] = [None] * len(texts)
        order = sorted(range(len(texts)), key=lambda number: (-len(texts[number]), number))
        limit = min(MOST_TOKENS, positions_of(self.model) or MOST_TOKENS)
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            encoded = self.tokenizer(
                [texts[number] for number in batch],
                padding=True,
                truncation=True,
                max_length=limit,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
            offsets = encoded.pop("offset_mapping").tolist()
            inputs = {name: encoded[name].to(self.device) for name in ("input_ids", "attention_mask")}
            with torch.inference_mode():
                output = self.model(**inputs, output_hidden_states=self.layer < 1)
            states = output.last_hidden_state if self.layer == 1 else self._inside(output.hidden_states)
            for row, number in enumerate(batch):
                owners = owners_of(offsets[row], spans[number])
                found[number] = _means(states[row].float().cpu().numpy(), owners, len(spans[number]))
        return found

    def _inside(self, states: Sequence[Any]) -> Any:
        return states[round(self.layer * (len(states) - 1))]


def _means(states_TD: NDArray[np.float32], owners: Sequence[int], words: int) -> NDArray[np.float32]:
    sums, counts = np.zeros((words, states_TD.shape[1]), np.float64), np.zeros(words)
    inside = np.asarray(owners) >= 0
    np.add.at(sums, np.asarray(owners)[inside], states_TD[inside])
    np.add.at(counts, np.asarray(owners)[inside], 1)
    with np.errstate(invalid="ignore"):
        return (sums / counts[:, None]).astype(np.float32)
