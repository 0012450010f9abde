"""What a pre-training is given, looked at before the text is tokenised, which may take hours."""

from pathlib import Path

from torch import nn
from transformers import AutoTokenizer

from mecelle.base import artifacts
from mecelle.base.collection import shards
from mecelle.models.folders import find_folder
from mecelle.training.config import TrainingConfig
from mecelle.training.shards import check_processes
from mecelle.training.trainer import make_optimizer

TEXTS = ("select", "mix", "corpus", "extract")
"""Stages whose artifacts hold text to train on."""


def check_inputs(training: Path, tokenizer: Path | str, config: TrainingConfig, *, tokenizers: tuple[str, ...]) -> None:
    """Artifacts must be of the right stage and hold text; plain folders and hub ids are taken as they are.

    tokenizers: stages whose artifacts hold a tokenizer that serves. Raises ArtifactError for another artifact or one
    without text, ConfigError for an optimizer or schedule that is not registered or refuses its parameters, or weights
    to be split over a single process, MissingPackageError for an optimizer whose package is not installed.
    """
    check_processes(sharded=config.sharded)
    for path, stages in ((training, TEXTS), (Path(tokenizer), tokenizers)):
        if (path / artifacts.MARKER).exists():
            artifacts.read_marker(path, stage=stages)
    shards(training)
    check_optimizer(config)


def check_optimizer(config: TrainingConfig) -> None:
    """Raise what optimizer and schedule will raise at these parameters: ConfigError, MissingPackageError."""
    make_optimizer(config, nn.utils.skip_init(nn.Linear, 1, 1))  # which draws no number


def longest_text(sequence_length: int, initial: Path | str | None, *, positions: int | None) -> int:
    """Tokens that a model trained on rows of `sequence_length` has learnt to read, and its tokenizer may ask for.

    From scratch those of a row, whatever the positions. A model that goes on keeps what its own tokenizer asks for, if
    that is more; where that says nothing, its `positions` are what it claims (None: without a limit).
    """
    if initial is None:
        return sequence_length
    folder = find_folder(initial)
    own = [] if positions is None else [positions]
    if (folder / "tokenizer_config.json").is_file():
        own.append(AutoTokenizer.from_pretrained(folder).model_max_length)
    return max(sequence_length, min(own, default=0))
