"""A Unigram tokenizer with fewer pieces, as tokenizer.json holds it.

What is cut into kept pieces alone is cut the same way afterwards: the best segmentation stays the best one where only
competitors are gone (Kudo 2018, "Subword Regularization", arXiv 1804.10959). Pieces of one character are kept, so that
no text becomes unknown that was not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError

State = dict[str, Any]
"""Content of a tokenizer.json."""


def check_unigram(state: State) -> None:
    """Raise ConfigError unless the tokenizer is a Unigram one without byte pieces."""
    kind, bytes_too = state["model"].get("type"), state["model"].get("byte_fallback", False)
    if kind != "Unigram" or bytes_too:
        found = f"{kind} with byte fallback" if bytes_too else kind
        raise ConfigError(
            f"tokenizer of type {found}: only Unigram vocabularies (XLM-R, multilingual E5, GTE) can be pruned, since "
            "merges of BPE hang together; transfer the model to a new vocabulary instead (`mecelle encoder adapt`)"
        )


def needed(state: State) -> NDArray[np.int64]:
    """Ids that stay whatever the text: special tokens, the unknown one, and pieces of one character."""
    specials = {token["id"] for token in state["added_tokens"]} | {state["model"]["unk_id"]}
    single = {number for number, (piece, _) in enumerate(state["model"]["vocab"]) if len(piece) == 1}
    return np.array(sorted(specials | single), dtype=np.int64)


def choose(state: State, counts: NDArray[np.int64], *, size: int) -> NDArray[np.int64]:
    """Ids to keep, rising, at most `size`: the needed ones, then the most frequent that occur at all.

    counts: how often each id occurs, shape (vocabulary,). Equally frequent ones: lower ids first, which are the more
    probable ones. Raises ConfigError if `size` has no room for the needed ones.
    """
    kept = needed(state)
    if size < len(kept):
        raise ConfigError(
            f"size {size:,}: special tokens and pieces of one character, without which texts would become unknown, "
            f"take {len(kept):,}; allowed is this many or more"
        )
    rest = counts.copy()
    rest[kept] = 0
    order = np.lexsort((np.arange(len(rest)), -rest))[: size - len(kept)]
    return np.sort(np.concatenate([kept, order[rest[order] > 0]]))


def pruned(state: State, kept: Sequence[int]) -> State:
    """The same tokenizer with the pieces `kept` (rising ids) alone, numbered from 0."""
    new = {int(old): number for number, old in enumerate(kept)}
    model = state["model"]
    return state | {
        "model": model | {"vocab": [model["vocab"][old] for old in new], "unk_id": new[model["unk_id"]]},
        "added_tokens": [token | {"id": new[token["id"]]} for token in state["added_tokens"]],
        "post_processor": _renumbered(state["post_processor"], new),
    }


def _renumbered(processor: Any, new: dict[int, int]) -> Any:
    """The template that puts special tokens around a text, with their new ids."""
    if not processor or "special_tokens" not in processor:
        return processor
    specials = {
        name: token | {"ids": [new[number] for number in token["ids"]]}
        for name, token in processor["special_tokens"].items()
    }
    return processor | {"special_tokens": specials}
