"""Sequences of token ids through a model, in batches of like length and bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import InputError

LOGITS_BYTES = 512 * 1024**2
"""Logits in memory at a time, in float32: a vocabulary of 128,000 gives 1,048 places."""
MOST_TOKENS = 16_384
"""Tokens in a batch, padding included: the states of the widest layer of a large model stay near a gigabyte."""


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
    most_places = LOGITS_BYTES // (4 * int(model.config.vocab_size))
    for batch in _batches(queries, most_rows=batch_size, most_places=most_places):
        length = max(len(queries[number].ids) for number in batch)
        ids_BT = torch.full((len(batch), length), pad, dtype=torch.long)
        mask_BT = torch.zeros((len(batch), length), dtype=torch.long)
        for row, number in enumerate(batch):
            size = len(queries[number].ids)
            ids_BT[row, :size], mask_BT[row, :size] = torch.tensor(queries[number].ids), 1
        counts = torch.tensor([len(queries[number].places) for number in batch])
        rows_P = torch.arange(len(batch)).repeat_interleave(counts).to(device)
        places_P = torch.tensor([at for number in batch for at in queries[number].places], device=device).long()
        targets_P = torch.tensor([one for number in batch for one in queries[number].targets], device=device).long()
        with torch.inference_mode():
            with _logits_at(model, rows_P, places_P):
                logits_PV = model(input_ids=ids_BT.to(device), attention_mask=mask_BT.to(device)).logits[0]
            split = zip(logits_PV.split(counts.tolist()), targets_P.split(counts.tolist()), strict=True)
            for number, (own_PV, targets) in zip(batch, split, strict=True):
                log_PV = torch.log_softmax(own_PV.float(), dim=-1)
                if torch.isnan(log_PV).any():
                    raise InputError("the model gives NaN: its weights are damaged; train it again")
                results[number] = read(log_PV, targets).numpy()
    return results


@contextmanager
def _logits_at(model: Any, rows_P: Any, places_P: Any) -> Iterator[None]:
    """Let the head of a language model see the states at these places alone: its logits are (1, P, V), not (B, T, V).

    Of a small model the product with the vocabulary is most of the work, and of a hidden-word score one place in
    a hundred is asked. Whatever else the head does is done to each place by itself, so the logits are the same.
    """

    def at_places(_module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (inputs[0][rows_P, places_P][None], *inputs[1:])

    handle = model.get_output_embeddings().register_forward_pre_hook(at_places)
    try:
        yield
    finally:
        handle.remove()


def target_scores(log_PV: Any, targets_P: Any) -> Any:
    """The log-probability of each target, float64, (P,)."""
    return log_PV.gather(-1, targets_P[:, None])[:, 0].cpu().double()  # MPS has no float64


def _batches(queries: Sequence[Query], *, most_rows: int, most_places: int) -> Iterator[list[int]]:
    """Indices, longest first, so that what does not fit in memory fails at once; a sequence is never cut."""
    batch: list[int] = []
    length = places = 0
    for number in sorted(range(len(queries)), key=lambda one: -len(queries[one].ids)):
        query = queries[number]
        full = len(batch) == most_rows or (len(batch) + 1) * length > MOST_TOKENS
        if batch and (full or places + len(query.places) > most_places):
            yield batch
            batch, places = [], 0
        length = length if batch else len(query.ids)
        batch.append(number)
        places += len(query.places)
    if batch:
        yield batch


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
