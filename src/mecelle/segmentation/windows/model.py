"""An encoder with a score for each tag of each token, and what reads a whole text with it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mecelle.base.errors import ArtifactError, require
from mecelle.models.loading import check_length, told_when_unloadable
from mecelle.models.precision import resolve
from mecelle.models.quiet import quiet
from mecelle.segmentation.labels import TAGS
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.viterbi import Floats
from mecelle.segmentation.windows.config import WindowsConfig
from mecelle.segmentation.windows.decoding import argmax, log_chances, ordered, sections_of_tags
from mecelle.segmentation.windows.rows import Tokens, merged, tokens_of, windows

IGNORED = -100
"""Target of a place that has no loss (torch's default)."""


class TokenTagger:
    """Tags the tokens of texts of any length, window by window."""

    def __init__(self, folder: Path, config: WindowsConfig, *, new_head_seed: int | None = None) -> None:
        """folder: of an encoder, or of a tagger that was saved. new_head_seed: seed of a fresh head for an encoder.

        Raises ArtifactError if the folder does not load, has no fast tokenizer, or lacks weights; ConfigError if the
        windows are longer than its positions.
        """
        library = require("transformers", extra="train", why="A token classifier")
        names = {"id2label": dict(enumerate(TAGS)), "label2id": {tag: at for at, tag in enumerate(TAGS)}}
        torch.manual_seed(new_head_seed or 0)
        with quiet(checked=True), told_when_unloadable(folder, "an encoder"):
            self.tokenizer = library.AutoTokenizer.from_pretrained(str(folder))
            self.model, report = library.AutoModelForTokenClassification.from_pretrained(
                str(folder), num_labels=len(TAGS), output_loading_info=True, dtype=torch.float32, **names
            )
        base = self.model.base_model_prefix
        missing = sorted(
            key for key in report["missing_keys"]
            if "pooler" not in key and (new_head_seed is None or key.startswith(f"{base}."))
        )  # fmt: skip
        if missing:
            raise ArtifactError(f"{folder}: {len(missing)} weights are missing, such as '{missing[0]}'; is it whole?")
        if not self.tokenizer.is_fast:
            raise ArtifactError(f"{folder}: its tokenizer is not a fast one (tokenizer.json); offsets are needed")
        check_length(self.model, config.window, folder, key="windows.window")
        self.config = config
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        self.front = [one for one in (self.tokenizer.bos_token_id if first is None else first,) if one is not None]
        self.back = [one for one in (self.tokenizer.eos_token_id if last is None else last,) if one is not None]
        self.size = config.window - len(self.front) - len(self.back)

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text."""
        return tokens_of(text, self.tokenizer)

    def ranges(self, tokens: Tokens) -> list[tuple[int, int]]:
        """The windows of a text, as token ranges."""
        return windows(len(tokens.ids), size=self.size, stride=min(self.config.stride, self.size))

    def batch(self, rows: Sequence[Sequence[int]], targets: Sequence[Sequence[int]] | None = None) -> dict[str, Tensor]:
        """Windows with specials and padding, shape (rows, longest), and their targets if there are any."""
        width = max(map(len, rows)) + len(self.front) + len(self.back)
        pad = self.tokenizer.pad_token_id or 0
        ids = torch.full((len(rows), width), pad)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        labels = torch.full((len(rows), width), IGNORED)
        skip = len(self.front)
        for at, row in enumerate(rows):
            whole = [*self.front, *row, *self.back]
            ids[at, : len(whole)] = torch.tensor(whole)
            mask[at, : len(whole)] = 1
            if targets is not None:
                labels[at, skip : skip + len(row)] = torch.tensor(targets[at])
        made = {"input_ids": ids, "attention_mask": mask}
        return made | ({"labels": labels} if targets is not None else {})

    def autocast(self) -> torch.autocast:
        """The arithmetic that the model is computed in."""
        device = self.model.device.type
        return torch.autocast(device, torch.bfloat16, enabled=resolve(self.config.precision, device) == "bf16")

    @torch.no_grad()
    def scores(self, tokens: Tokens) -> Floats:
        """Log-probabilities of the tags of each token, shape (tokens, tags)."""
        self.model.eval()
        ranges, found = self.ranges(tokens), list[Floats]()
        for at in range(0, len(ranges), self.config.rows):
            some = ranges[at : at + self.config.rows]
            batch = self.batch([tokens.ids[start:end] for start, end in some])
            given = {name: tensor.to(self.model.device) for name, tensor in batch.items()}
            with self.autocast():
                logits = self.model(**given).logits.float().cpu().numpy()
            skip = len(self.front)
            found += [row[skip : skip + end - start] for row, (start, end) in zip(logits, some, strict=True)]
        if not found:
            return np.zeros((0, len(TAGS)), dtype=np.float32)
        return log_chances(merged(found, ranges, len(tokens.ids)))

    def read(self, decision: Segmented) -> Segmented:
        """The decision with the sections that are read in it."""
        tokens = self.tokens(decision.text)
        return self.decode(decision, tokens, self.scores(tokens))

    def decode(self, decision: Segmented, tokens: Tokens, logs: Floats) -> Segmented:
        """The decision with the sections that the log-probabilities of its tokens say."""
        if not len(logs):
            return decision.model_copy(update={"sections": ()})
        tags = (ordered if self.config.decoding == "ordered" else argmax)(logs)
        sections = sections_of_tags(decision.text, tokens.spans, tags, logs)
        return decision.model_copy(update={"sections": tuple(sections)})

    def save(self, folder: Path) -> None:
        """Write an ordinary folder of transformers."""
        with quiet():
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
