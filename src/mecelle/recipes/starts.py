"""The model that a training of a workspace goes on from, whose size says more than the parameters: for `check`."""

from pathlib import Path
from typing import TYPE_CHECKING

from mecelle.decoder.config import DecoderConfig
from mecelle.encoder.config import EncoderConfig

if TYPE_CHECKING:
    from transformers import PreTrainedConfig


def start_of(command: str, folder: Path, *, expected: str | None) -> Path | str | None:
    """What the training `command` of the workspace `folder` begins with: a folder, or the hub id of a model that is not
    here; None for new weights, a model of the workspace's own, and `expected`, for all of which the parameters hold."""
    words = command.split()
    if words[:3] == ["mecelle", "encoder", "adapt"]:
        start = words[3]
    elif "--initial" in words:
        start = words[words.index("--initial") + 1]
    else:
        return None
    if start == expected or start.startswith("artifacts/"):
        return None
    return folder / start if (folder / start).is_dir() else start


def encoder_from(config: EncoderConfig, start: Path) -> EncoderConfig:
    """The parameters with the shape of `start`. Raises as `encoder.initial.take_shape`."""
    from mecelle.encoder.initial import take_shape

    return take_shape(config, start)


def decoder_from(config: DecoderConfig, start: Path) -> tuple[DecoderConfig, int] | None:
    """The parameters with the shape of `start`, and its vocabulary; None for a family of other parts.

    Raises MismatchError if it is no causal language model.
    """
    from mecelle.decoder.initial import read_config
    from mecelle.decoder.shapes import shape_of

    found: PreTrainedConfig = read_config(start)
    shape = shape_of(found)
    return (config.model_copy(update={"shape": shape}), found.vocab_size) if shape else None
