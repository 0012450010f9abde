"""Items of which a document has a run of words, word for word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mecelle.base.errors import ConfigError
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.items import Item
from mecelle.corpus.decontamination.wording import hashes_of
from mecelle.corpus.dedup.shingles import Hashes, gram_hashes

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shared:
    """The n-grams that a document shares with one item."""

    item: int
    """Row of the item."""
    grams: int
    """Different places in the document where a shared n-gram begins."""
    words: int
    """Words of the document that stand in a shared n-gram."""
    first: int
    """Word of the document, from 0, where the first one begins."""
    length: int
    """Words in an n-gram."""
    generic: bool
    """Whether all of them stand in phrases that do not count."""


@dataclass(frozen=True, slots=True)
class _Index:
    """The n-grams of one length, sorted, with the item of each and whether a generic phrase has it."""

    length: int
    grams: Hashes
    items: Rows
    generic: NDArray[np.bool_]


class NGrams:
    """The n-grams of all short items, by length."""

    def __init__(self, items: Sequence[Item], config: Decontamination) -> None:
        phrases = [hashes_of(phrase) for phrase in generic_phrases(config.generic_phrases)]
        parts: dict[int, list[tuple[int, Hashes, bool]]] = {}
        self.judged: set[int] = set()
        """Rows of the items of which a text is long enough, and not too long."""
        texts = [(row, one.domain == "mathematics", text) for row, one in enumerate(items) for text in one.texts]
        for row, strict, text in texts:
            hashes = hashes_of(text)
            length = min(len(hashes), config.mathematics_gram_words if strict else config.gram_words)
            if config.least_item_words <= len(hashes) <= config.most_item_words or (strict and length):
                self.judged.add(row)
                parts.setdefault(length, []).append((row, gram_hashes(hashes, length), strict))
        self._indexes = [_index(length, parts[length], phrases) for length in sorted(parts)]

    def shared(self, hashes: Hashes) -> list[Shared]:
        """What a document, given as the hashes of its words, shares with which item."""
        return [one for index in self._indexes if len(hashes) >= index.length for one in _found(hashes, index)]


def generic_phrases(names: Iterable[str]) -> list[str]:
    """The phrases of shipped lists (data/generic_<name>.txt) and of files. Raises ConfigError for an unknown name."""
    phrases: list[str] = []
    for name in names:
        shipped = files("mecelle.corpus.decontamination").joinpath("data", f"generic_{name}.txt")
        place = shipped if shipped.is_file() else Path(name)
        if not place.is_file():
            raise ConfigError(f"generic_phrases: '{name}' is no shipped list (law) and no file")
        lines = place.read_text(encoding="utf-8").splitlines()
        phrases += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return phrases


def _index(length: int, parts: Sequence[tuple[int, Hashes, bool]], phrases: Sequence[Hashes]) -> _Index:
    grams = np.concatenate([hashes for _, hashes, _ in parts])
    items = np.concatenate([np.full(len(hashes), row, dtype=np.int64) for row, hashes, _ in parts])
    strict = np.concatenate([np.full(len(hashes), one, dtype=np.bool_) for _, hashes, one in parts])
    known = [gram_hashes(phrase, length) for phrase in phrases if len(phrase) >= length]
    generic = np.isin(grams, np.concatenate(known)) & ~strict if known else np.zeros(len(grams), dtype=np.bool_)
    order = np.argsort(grams, kind="stable")
    return _Index(length, grams[order], items[order], generic[order])


def _found(hashes: Hashes, index: _Index) -> list[Shared]:
    found = gram_hashes(hashes, index.length)
    starts = np.searchsorted(index.grams, found)
    hits = np.flatnonzero(index.grams[starts % len(index.grams)] == found)
    by_item: dict[int, list[tuple[int, bool]]] = {}
    for place in hits.tolist():
        at = int(starts[place])
        while at < len(index.grams) and index.grams[at] == found[place]:
            by_item.setdefault(int(index.items[at]), []).append((place, bool(index.generic[at])))
            at += 1
    return [
        Shared(
            item=item,
            grams=len({place for place, _ in places}),
            words=len({word for place, _ in places for word in range(place, place + index.length)}),
            first=min(place for place, _ in places),
            length=index.length,
            generic=all(generic for _, generic in places),
        )
        for item, places in sorted(by_item.items())
    ]
