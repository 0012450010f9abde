"""Duplicates in meaning: documents whose embeddings are close, by the rule of SemHash, exactly and out of core."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config
from mecelle.base.progress import Progress
from mecelle.base.protocols import TextEncoder
from mecelle.corpus.dedup.duplicates import Duplicates, scratch
from mecelle.corpus.dedup.groups import groups
from mecelle.corpus.dedup.shingles import Hashes
from mecelle.corpus.dedup.signatures import Rows, Signatures
from mecelle.models.names import load_encoder

Vectors = NDArray[np.float16]

_TEXTS_AT_ONCE = 256
_BLOCK, _SELECTED_AT_ONCE = 256, 16_384
"""Vectors in a matrix product: of documents that are judged, and of selected ones that they are compared with."""


class SemHash(Config):
    """Parameters of semantic deduplication. Source: Mecellem §3.2.3 (0.75), App. D (BGE-M3, 0.95)."""

    least_similarity: float = Field(default=0.95, gt=0.0, le=1.0)
    """Cosine similarity, 0..1, from which a document leaves. Mecellem takes 0.75 in §3.2.3 and 0.95 in App. D, where it
    names legal templates."""
    model: str = "package:use"
    """Folder, hub id or `package:` name of the encoder. Mecellem App. D: BAAI/bge-m3."""
    batch: int = Field(default=32, ge=1)
    """Texts that the encoder takes at a time."""
    max_length: int | None = Field(default=None, ge=1)
    """Tokens of a text that are read; null takes the encoder's own limit."""
    decisive_tokens: bool = True
    """Documents whose numbers, words of outcome or official numbers differ are two, however close: embeddings hardly
    see a number. Only documents that agree in them are embedded at all."""


def semantic_duplicates(
    texts: Sequence[Path],
    signatures: Signatures,
    config: SemHash,
    duplicates: Duplicates,
    *,
    work: Path,
    vectors: Path | None = None,
) -> dict[str, int]:
    """Add the semantic duplicates among the rows that stay to `duplicates`; returns counts.

    The rule is that of SemHash (`self_deduplicate`): in input order, settled documents first, a document leaves when
    one that was selected before is close enough, and the closest of those represents it. So nothing is passed on along
    a chain. SemHash looks its neighbours up in an approximate index; here every selected document is compared, in
    blocks of a matrix product, which at the speed of an encoder on a CPU is a small part of the time.
    texts: staged shards, in the order of `signatures`. vectors: folder in which embeddings are kept by content.
    """
    wanted = scratch(work / "wanted", len(signatures), np.bool_)
    for group in _groups(signatures, config, duplicates):
        wanted[group] = True
    place = scratch(work / "place", len(signatures), np.int64)
    place[:] = np.cumsum(wanted) - 1
    count = int(wanted.sum())
    if not count:
        return {"texts_embedded": 0, "texts_embedded_before": 0}
    encoder = load_encoder(config.model, batch_size=config.batch, max_length=config.max_length)
    table = scratch(work / "vectors", count * encoder.dimension, np.float16).reshape(count, encoder.dimension)
    with closing(_Cache(vectors or work, encoder)) as cache:
        _embed(texts, wanted, table, cache)
    for group in _groups(signatures, config, duplicates):
        labels = signatures.take("official", group) if config.decisive_tokens else np.zeros(len(group), np.uint64)
        order = np.argsort(~duplicates.settled[group], kind="stable")
        rows = group[order]
        chosen, similarities = closest_selected(
            table, place[rows], labels[order], duplicates.settled[rows], config.least_similarity
        )
        gone = np.flatnonzero(chosen != np.arange(len(rows)))
        duplicates.leave(rows[gone], rows[chosen[gone]], similarities[gone], method="semantic")
    return {"texts_embedded": cache.embedded, "texts_embedded_before": cache.found}


def closest_selected(
    table: Vectors, places: Rows, labels: Hashes, settled: NDArray[np.bool_], least: float
) -> tuple[Rows, NDArray[np.float32]]:
    """For each document the selected one that represents it, by its number in `places`, and their cosine; a selected
    one represents itself.

    table: unit vectors, shape (n, dimension); places: rows of it, in the order of selection. labels: two different ones
    are never joined, 0 joins any. settled: documents that are always selected.
    """
    chosen, cosines = np.arange(len(places)), np.ones(len(places), dtype=np.float32)
    carried = labels.copy()  # a selected document without a label takes that of the first document it represents
    selected: list[int] = []
    for start in range(0, len(places), _BLOCK):
        block = table[places[start : start + _BLOCK]].astype(np.float32)
        options = _close(block, table, places, selected, least)
        inside = block @ block.T
        first = len(selected)
        for at in range(start, start + len(block)):
            own = [(-float(inside[at - start, one - start]), one) for one in selected[first:]]
            close = sorted(options[at - start] + [(cosine, one) for cosine, one in own if -cosine >= least])
            fits = (
                (cosine, one)
                for cosine, one in close
                if not (labels[at] and carried[one]) or labels[at] == carried[one]
            )
            cosine, representative = next(fits, (0.0, at)) if not settled[at] else (0.0, at)
            if representative == at:
                selected.append(at)
            else:
                chosen[at], cosines[at] = representative, -cosine
                carried[representative] |= labels[at]
    return chosen, cosines


def _close(
    block: NDArray[np.float32], table: Vectors, places: Rows, selected: Sequence[int], least: float
) -> list[list[tuple[float, int]]]:
    """For each vector of the block, the selected documents that are close enough, each behind its negative cosine."""
    found: list[list[tuple[float, int]]] = [[] for _ in block]
    for start in range(0, len(selected), _SELECTED_AT_ONCE):
        part = np.array(selected[start : start + _SELECTED_AT_ONCE])
        cosines = block @ table[places[part]].astype(np.float32).T
        for at, one in zip(*np.nonzero(cosines >= least), strict=True):
            found[at].append((-float(cosines[at, one]), int(part[one])))
    return found


def _groups(signatures: Signatures, config: SemHash, duplicates: Duplicates) -> Iterator[Rows]:
    """Rows that may be duplicates of each other: those that stay, have words and, if asked, agree in what is decisive.

    Without that there is one group, which is held in memory: 8 bytes a row.
    """

    def column() -> Iterator[tuple[Rows, Hashes]]:
        parts = zip(signatures.starts.tolist(), signatures.column("decisive"), signatures.sizes(), strict=False)
        for start, decisive, sizes in parts:
            places = np.flatnonzero(duplicates.stays(start, start + len(sizes)) & (sizes > 0))
            yield start + places, decisive[places] if config.decisive_tokens else np.zeros(len(places), np.uint64)

    return chain.from_iterable(groups(column, count=len(signatures)))


def _embed(texts: Sequence[Path], wanted: NDArray[np.bool_], table: Vectors, cache: "_Cache") -> None:
    """Fill the table with the vectors of the wanted documents, in order."""
    documents = (row for path in texts for row in read_jsonl(path))
    chosen = (row for row, is_wanted in zip(documents, wanted, strict=True) if is_wanted)
    done = 0
    with Progress("embed for semantic duplicates", total=len(table)) as progress:
        while some := list(islice(chosen, _TEXTS_AT_ONCE)):
            table[done : done + len(some)] = cache.encode(
                [(row["metadata"]["content_hash"], row["text"]) for row in some]
            )
            done += len(some)
            progress.advance(len(some))


class _Cache:
    """Vectors by encoder and content, in one SQLite file: a killed or repeated run embeds only what is new."""

    def __init__(self, folder: Path, encoder: TextEncoder) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self._table = sqlite3.connect(folder / "vectors.sqlite")
        self._table.execute(
            "CREATE TABLE IF NOT EXISTS vectors (encoder TEXT, content TEXT, vector BLOB NOT NULL, "
            "PRIMARY KEY (encoder, content)) WITHOUT ROWID"
        )
        self.embedded = self.found = 0

    def encode(self, texts: Sequence[tuple[str, str]]) -> Vectors:
        """The vectors of (content hash, text), shape (len(texts), dimension)."""
        found = {content: vector for content, _ in texts if (vector := self._get(content)) is not None}
        new = {content: text for content, text in texts if content not in found}
        if new:
            vectors = self._encoder.encode(list(new.values())).astype(np.float16)
            found |= dict(zip(new, vectors, strict=True))
            rows = [(self._encoder.fingerprint, content, found[content].tobytes()) for content in new]
            self._table.executemany("INSERT INTO vectors VALUES (?, ?, ?)", rows)
            self._table.commit()
        self.embedded += len(new)
        self.found += len(texts) - len(new)
        return np.stack([found[content] for content, _ in texts])

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()

    def _get(self, content: str) -> Vectors | None:
        query = "SELECT vector FROM vectors WHERE encoder = ? AND content = ?"
        row = self._table.execute(query, (self._encoder.fingerprint, content)).fetchone()
        return np.frombuffer(row[0], dtype=np.float16) if row else None
