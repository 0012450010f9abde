"""A balanced draw of a collection in folds, and texts that are known to be bad."""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from mecelle.base.document import Document
from mecelle.corpus.statistics.categories import category
from mecelle.corpus.sweeps.noise import NOISES
from mecelle.sample.others import junk_documents


@dataclass(frozen=True, slots=True)
class Drawn:
    """One document of the draw."""

    document: Document
    category: str
    fold: int


def draw(documents: Iterable[Document], *, most: int, folds: int, seed: int) -> tuple[list[Drawn], int]:
    """At most `most` documents of each category, by category, dealt to folds in turn; and how many were seen.

    Those whose id has the smallest seeded hash are drawn: one pass, no more in memory than is drawn, and the same set
    whatever the order of the collection.
    """
    heaps: dict[str, list[tuple[int, int, Document]]] = defaultdict(list)
    seen = 0
    for seen, document in enumerate(documents, start=1):
        digest = blake2b(f"{seed}\x1f{document.id}".encode(), digest_size=8).digest()
        heap, entry = (
            heaps[category(document)],
            (-int.from_bytes(digest), -seen, document),
        )  # equal hashes never compare documents
        if len(heap) < most:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)
    drawn = [
        Drawn(document, name, place % folds)
        for name in sorted(heaps)
        for place, (_, _, document) in enumerate(sorted(heaps[name], reverse=True))
    ]
    return drawn, seen


def bad_texts(good: Sequence[Document], *, junk: int, seed: int) -> dict[str, list[str]]:
    """Kind of badness -> texts: pages of the sample's junk by their reason, then up to `junk` of each noise.

    good: what noise is made of; texts under 400 characters are left out, since little noise shows in them.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for page in junk_documents(junk, seed=seed):
        texts[f"junk: {page.reason}"].append(page.text)
    long = [document.text for document in good if len(document.text) >= 400]
    for name, spoil in NOISES.items():
        rng = random.Random(f"{seed}:{name}")
        texts[f"noise: {name}"] += [spoil(text, rng) for text in rng.sample(long, min(junk, len(long)))]
    return dict(texts)
