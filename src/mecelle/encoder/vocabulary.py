"""What the encoder asks of a tokenizer."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer

from mecelle.base.errors import MismatchError
from mecelle.models.loading import told_when_unloadable


class Vocabulary:
    """The ids of a tokenizer that pre-training needs."""

    def __init__(self, tokenizer: Any, *, name: str) -> None:
        """tokenizer: of transformers; name: what messages call it.

        Raises MismatchError if a special token is missing or the tokenizer is not a fast one.
        """
        wanted = {kind: getattr(tokenizer, f"{kind}_token_id") for kind in ("cls", "sep", "pad", "mask")}
        missing = [f"{kind}_token" for kind, identity in wanted.items() if identity is None]
        if missing:
            raise MismatchError(
                f"{name}: the tokenizer has no {', '.join(missing)}; a masked language model needs all of cls, sep, "
                "pad and mask. Train one with `mecelle tokenizer train`"
            )
        if getattr(tokenizer, "backend_tokenizer", None) is None:
            raise MismatchError(f"{name}: a slow tokenizer; word boundaries need a fast one (a tokenizer.json)")
        self.special_ids: dict[str, int] = wanted
        self.size = len(tokenizer)
        self.ordinary: NDArray[np.int64] = np.setdiff1d(np.arange(self.size), tokenizer.all_special_ids)


def load_vocabulary(tokenizer: Path | str) -> tuple[Any, Vocabulary]:
    """The tokenizer in a folder (or of a hub id) and its ids.

    Raises ArtifactError if it does not load, MismatchError if it cannot serve.
    """
    with told_when_unloadable(Path(tokenizer), "a tokenizer"):
        loaded = AutoTokenizer.from_pretrained(tokenizer)
    return loaded, Vocabulary(loaded, name=str(tokenizer))
