"""States of conversations, computed once: kept by content and backbone, read through a memory map."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base.document import content_hash
from mecelle.base.locks import lock
from mecelle.base.progress import Progress
from mecelle.embedding.guide.store import VectorStore
from mecelle.embedding.guide.vectors import KEY_TYPE
from mecelle.reward.backbone import Backbone
from mecelle.reward.conversation import Conversation

SEGMENT = 256
"""Conversations between two writes: what a killed run computes again."""


def cached_states(
    backbone: Backbone, conversations: Sequence[Conversation], cache: Path
) -> tuple[NDArray[np.float16], int]:
    """States of the conversations, (len(conversations), columns), and how many were cut to `max_length`.

    cache: folder that runs share; only what is new in it is computed, and a killed run goes on where it was.
    """
    keys = [_key(one) for one in conversations]
    distinct = np.array(sorted(set(keys)), dtype=KEY_TYPE)
    place = cache / backbone.fingerprint
    with lock(place / "lock", doing="computing states of the backbone"):
        store = VectorStore(place)
        tokens = backbone.tokens(conversations)
        new = {key: one for key, one in zip(keys, tokens, strict=True) if key not in store}
        # Longest first, so that what does not fit in memory fails at once.
        order = sorted(new, key=lambda key: (-len(new[key].ids), key))
        with Progress("states", total=len(order), unit="conversations") as progress:
            for start in range(0, len(order), SEGMENT):
                segment = order[start : start + SEGMENT]
                batches = [
                    segment[at : at + backbone.config.batch] for at in range(0, len(segment), backbone.config.batch)
                ]
                rows = []
                for batch in batches:
                    rows.append(backbone.states([new[key] for key in batch]))
                    progress.advance(len(batch))
                store.add(segment, np.concatenate(rows))
        # One file for each set of conversations: a run that reads another is not disturbed.
        path = place / f"{content_hash(b''.join(distinct.tolist()).decode())}.npy"
        states = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(len(distinct), backbone.columns))
        store.gather(distinct, states)
        states.flush()
        # Read before another run that asks for the same conversations may write the file again.
        found = np.load(path, mmap_mode="r")[np.searchsorted(distinct, np.array(keys, dtype=KEY_TYPE))]
    return found, sum(one.truncated for one in tokens)


def _key(conversation: Conversation) -> bytes:
    parts = (conversation.question, conversation.reference, conversation.answer)
    return content_hash("\x1f".join(parts)).encode()
