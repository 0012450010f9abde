"""The encoder that is fine-tuned: a Hugging Face folder, trained or with fresh weights."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from mecelle.base.errors import ArtifactError, ConfigError, require
from mecelle.evaluation.finetuning.heads import Head
from mecelle.models.folders import PACKAGE_PREFIX, find_folder, fingerprint
from mecelle.models.loading import told_when_unloadable
from mecelle.models.packaged.e5_folder import e5_folder
from mecelle.models.quiet import quiet

E5 = "package:e5"
RANDOM = "random:"
"""Before a folder or hub id: its shape and tokenizer with weights drawn by seed; what pre-training is worth."""


@dataclass(frozen=True)
class TunableEncoder:
    """An encoder and the name people call it by."""

    name: str
    folder: Path
    fresh: bool = False
    """Whether the weights are drawn anew instead of read."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer and whether the weights are used."""
        return fingerprint(self.folder, {"fresh": self.fresh})

    def tokenizer(self) -> Any:
        """The fast tokenizer; raises ArtifactError if there is none, since words must be told from their subwords."""
        library = require("transformers", extra="train", why="Fine-tuning")
        with told_when_unloadable(self.folder, "a tokenizer"):
            # Byte-level tokenizers that get words want to know that a space stands before each.
            tokenizer = library.AutoTokenizer.from_pretrained(str(self.folder), add_prefix_space=True)
        if not tokenizer.is_fast:
            raise ArtifactError(f"{self.folder}: its tokenizer is not a fast one (tokenizer.json), which tagging needs")
        return tokenizer

    def model(self, head: Head, *, seed: int) -> Any:
        """The encoder with a fresh head, whose weights follow from `seed`.

        Raises ArtifactError if weights of the encoder itself are missing: a random layer would be trained unnoticed.
        """
        library = require("transformers", extra="train", why="Fine-tuning")
        kind = getattr(library, head.model_class)
        torch.manual_seed(seed)
        with quiet(checked=True), told_when_unloadable(self.folder, "an encoder"):
            if self.fresh:
                config = library.AutoConfig.from_pretrained(str(self.folder), **head.model_settings())
                return kind.from_config(config)
            model, report = kind.from_pretrained(
                str(self.folder), output_loading_info=True, dtype=torch.float32, **head.model_settings()
            )
        missing = [
            name
            for name in sorted(report["missing_keys"])
            if name.startswith(f"{model.base_model_prefix}.") and "pooler" not in name
        ]
        if missing:
            raise ArtifactError(
                f"{self.folder}: {len(missing)} weights of the encoder are missing, such as '{missing[0]}'; is it an "
                "encoder that transformers loads?"
            )
        return model


def find_encoder(name: str, place: str | Path) -> TunableEncoder:
    """The encoder at `place`: a folder, a hub id, or either after `random:`.

    `package:e5` is the folder that is made of the package. Raises ConfigError for other packaged models.
    """
    fresh = str(place).startswith(RANDOM)
    place = str(place).removeprefix(RANDOM) if fresh else place
    if place == E5:
        place = e5_folder()
    elif str(place).startswith(PACKAGE_PREFIX):
        raise ConfigError(f"{place}: cannot be fine-tuned; give a Hugging Face folder, a hub id or {E5}")
    return TunableEncoder(name, find_folder(place), fresh)
