"""Sequences of token ids through a model, in batches of like length and bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError

LOGITS_BYTES = 512 * 1024**2
"""Logits in memory at a time, in float32: a vocabulary of 128,000 gives 1,048 positions."""


@dataclass(frozen=True, slots=True)
class Query:
    """One sequence, and what is asked of it."""

    ids: Sequence[int]
    places: Sequence[int]
    """Positions whose logits are wanted."""
    targets: Sequence[int]
    """The token that is scored at each of them."""


Reading = Callable[[Any, Any], Any]
"""Of the log-probabilities (P, V) at a query's places and the targets (P,) there, float32: what is kept, on the CPU."""


def ask(
    model: Any, queries: Sequence[Query], read: Reading, *, pad: int, device: str, batch_size: int
) -> list[NDArray[Any]]:
    """What `read` makes of each query, in the order of the queries.

    Raises InputError if the model gives NaN.
    """
    import torch

    results: list[Any] = [None] * len(queries)
    vocabulary = int(model.config.vocab_size)
    for batch in _batches([len(query.ids) for query in queries], batch_size, LOGITS_BYTES // (4 * vocabulary)):
        length = max(len(queries[number].ids) for number in batch)
        ids_BT = torch.full((len(batch), length), pad, dtype=torch.long)
        mask_BT = torch.zeros((len(batch), length), dtype=torch.long)
        for row, number in enumerate(batch):
            size = len(queries[number].ids)
            ids_BT[row, :size], mask_BT[row, :size] = torch.tensor(queries[number].ids), 1
        with torch.inference_mode():
            logits_BTV = model(input_ids=ids_BT.to(device), attention_mask=mask_BT.to(device)).logits
            for row, number in enumerate(batch):
                places = torch.tensor(queries[number].places, dtype=torch.long, device=device)
                targets = torch.tensor(queries[number].targets, dtype=torch.long, device=device)
                log_PV = torch.log_softmax(logits_BTV[row, places].float(), dim=-1)
                if torch.isnan(log_PV).any():
                    raise InputError("the model gives NaN: its weights are damaged; train it again")
                results[number] = read(log_PV, targets).numpy()
    return results


def target_scores(log_PV: Any, targets_P: Any) -> Any:
    """The log-probability of each target, float64, (P,)."""
    return log_PV.gather(-1, targets_P[:, None])[:, 0].cpu().double()  # MPS has no float64


def _batches(lengths: Sequence[int], most_rows: int, most_tokens: int) -> Iterator[NDArray[np.int64]]:
    """Indices, longest first, so that what does not fit in memory fails at once; a sequence is never cut."""
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, min(most_rows, most_tokens // lengths[order[start]]))
        yield order[start : start + rows]
        start += rows


def windows(tokens: int, *, size: int, stride: int | None) -> list[tuple[int, int, int]]:
    """(start, end, first scored) of the windows over `tokens` tokens.

    Every token is scored once, in the first window that holds it; with stride None there is one window alone.
    Raises InputError unless 1 <= stride <= size.
    """
    if size < 1 or (stride is not None and not 1 <= stride <= size):
        raise InputError(f"windows of {size} tokens every {stride}: the stride must lie between 1 and the window")
    found = [(0, min(size, tokens), 0)]
    while stride is not None and found[-1][1] < tokens:
        start = found[-1][0] + stride
        found.append((start, min(start + size, tokens), found[-1][1]))
    return found


def bytes_before(text: str, offsets: Sequence[int]) -> list[int]:
    """Bytes of UTF-8 before each character offset."""
    sizes = np.concatenate(
        [[0], np.cumsum([len(character.encode("utf-8", "surrogatepass")) for character in text], dtype=np.int64)]
    )
    return [int(sizes[offset]) for offset in offsets]
