"""What every loaded folder has in common: a device that exists, and one error when it does not load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import orjson

from mecelle.base.errors import ArtifactError, ConfigError, require
from mecelle.models.quiet import quiet

_HEADS = {
    "masked-LM": ("AutoModelForMaskedLM", "a masked language model"),
    "causal-LM": ("AutoModelForCausalLM", "a causal language model"),
}
"""Class of transformers that loads a language model with this head, and what people call such a model."""


def check_device(device: str) -> None:
    """Raise ConfigError unless torch can put a tensor on `device` ("cpu", "cuda", "cuda:1", "mps")."""
    torch = require("torch", extra="train", why=f"The device '{device}'")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = next(iter(str(error).strip().splitlines()), "no message")
        found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        found += ["mps"] if torch.backends.mps.is_available() else []
        raise ConfigError(
            f"device '{device}': torch cannot use it ({reason}); here are: {', '.join(['cpu', *found])}"
        ) from error


def usual_device() -> str:
    """A GPU if there is one, else the processor."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def said_type(folder: Path) -> str | None:
    """What sentence-transformers wrote that `folder` holds: `CrossEncoder`, `MultiVectorEncoder`, ...; None: nothing.

    Raises ArtifactError if that file is damaged.
    """
    settings = folder / "config_sentence_transformers.json"
    if not settings.is_file():
        return None
    with told_when_unloadable(folder, "a model of sentence-transformers"):
        said: str | None = orjson.loads(settings.read_bytes()).get("model_type")
        return said


def positions_of(model: Any) -> int | None:
    """Tokens of the longest text that a model of transformers takes, specials included; None if it does not say.

    RoBERTa and its kin count positions from behind the padding token's id: of 514 rows 512 are positions.
    """
    rows = getattr(getattr(model, "config", None), "max_position_embeddings", None)
    embeddings = getattr(getattr(model, "base_model", None), "embeddings", None)
    padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    if not isinstance(rows, int):
        return None
    return rows if padding is None else rows - int(padding) - 1


def check_length(model: Any, length: int, folder: Path, *, key: str = "length") -> None:
    """Raise ConfigError if texts of `length` tokens are longer than the positions of a model of transformers.

    folder: where it was read from; key: what the user calls the length.
    """
    positions = positions_of(model)
    if positions is not None and length > positions:
        raise ConfigError(f"{key} {length} tokens: {folder} was made for {positions}; choose at most {positions}")


@contextmanager
def told_when_unloadable(folder: Path, what: str) -> Iterator[None]:
    """Turn the many errors of the loaders into one ArtifactError. what: what the folder should be ("an encoder")."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).strip().splitlines()), "no message")
        raise ArtifactError(
            f"{folder}: does not load as {what} ({type(error).__name__}: {reason}); was it written to the end, by this "
            "version of the libraries?"
        ) from error


def load_with_head(folder: Path, head: Literal["masked-LM", "causal-LM"], *, device: str) -> tuple[Any, Any]:
    """A language model with its head, and its fast tokenizer.

    Raises ArtifactError if the folder does not load as one, lacks the weights of the head, or has a slow tokenizer.
    """
    loader, what = _HEADS[head]
    library = require("transformers", extra="train", why=f"The model {folder}")
    check_device(device)
    with quiet(checked=True), told_when_unloadable(folder, what):
        model, report = getattr(library, loader).from_pretrained(str(folder), output_loading_info=True)
        tokenizer = library.AutoTokenizer.from_pretrained(str(folder))
        model = model.to(device).eval()
    if report["missing_keys"]:
        raise ArtifactError(
            f"{folder}: {len(report['missing_keys'])} weights are missing, such as '{min(report['missing_keys'])}': "
            f"{what} without its {head} head (an embedding model?) has no words to give; give the pre-trained model"
        )
    if not tokenizer.is_fast:
        raise ArtifactError(f"{folder}: its tokenizer is not a fast one; offsets are needed")
    return model, tokenizer
