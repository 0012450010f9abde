"""Causal language models as `TextScorer`."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mecelle.base.errors import ConfigError
from mecelle.base.protocols import Likelihood, TextScores
from mecelle.models.folders import find_folder, fingerprint
from mecelle.models.loading import load_with_head
from mecelle.models.sequences import Query, ask, bytes_before, target_scores, windows


def load_text_scorer(
    name: str | Path, *, device: str = "cpu", batch_size: int = 8, max_length: int | None = None
) -> "CausalModel":
    """The causal language model called `name`: a folder or a hub id.

    max_length: tokens that it reads at a time; None takes the model's own limit.
    Raises ArtifactError if there is no causal language model in it, InputError for a hub id that cannot be had.
    """
    if batch_size < 1:
        raise ConfigError(f"batch_size {batch_size}: allowed is 1 or more sequences at a time")
    return CausalModel(find_folder(name), name=str(name), device=device, batch_size=batch_size, max_length=max_length)


class CausalModel:
    """A Hugging Face folder with a causal language model and its fast tokenizer.

    With a token for the beginning of a text (which is put there, and not scored) every token of a text is predicted;
    without one, all but the first of each text, whose bytes do not count either.
    """

    likelihood: Likelihood = "likelihood"

    def __init__(self, folder: Path, *, name: str, device: str, batch_size: int, max_length: int | None) -> None:
        self.name, self.folder, self.device, self.batch_size = name, folder, device, batch_size
        self.model, self.tokenizer = load_with_head(folder, "causal-LM", device=device)
        limit = getattr(self.model.config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        self.max_length = min(max_length or limit, limit)
        self.truncated_texts = 0
        """How many texts were longer than what was scored of them."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer and length limit."""
        return fingerprint(self.folder, {"max_length": self.max_length})

    def score_texts(self, texts: Sequence[str], *, context: int, stride: int | None = None) -> TextScores:
        """Negative log-likelihood of each text. For `context` and `stride` see `TextScorer`."""
        start = [] if self.tokenizer.bos_token_id is None else [self.tokenizer.bos_token_id]
        queries, owners = [], []
        tokens, sizes = np.zeros((2, len(texts)), dtype=np.int64)
        for number, text in enumerate(texts):
            encoding = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
            ids, ends = [*start, *encoding["input_ids"]], [right for _, right in encoding["offset_mapping"]]
            # Position t predicts token t + 1, so a window of `context` tokens makes one prediction less.
            predictions, size = max(0, len(ids) - 1), min(context, self.max_length) - 1
            found = windows(predictions, size=size, stride=stride)
            for begin, end, first in found if predictions else ():
                queries.append(Query(ids[begin:end], range(first - begin, end - begin), ids[first + 1 : end + 1]))
                owners.append(number)
            tokens[number] = found[-1][1]
            self.truncated_texts += int(tokens[number]) < predictions
            if tokens[number]:
                last = ends[int(tokens[number]) - len(start)]
                before, behind = bytes_before(text, [0 if start else ends[0], last])
                sizes[number] = behind - before
        nats = np.zeros(len(texts), dtype=np.float64)
        for number, scores in zip(owners, self._ask(queries), strict=True):
            nats[number] -= float(scores.sum())
        return TextScores(nats, tokens, sizes)

    def _ask(self, queries: Sequence[Query]) -> list[Any]:
        pad = self.tokenizer.pad_token_id or 0
        return ask(self.model, queries, target_scores, pad=pad, device=self.device, batch_size=self.batch_size)
