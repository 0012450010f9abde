"""Searching an index: by number, by words, by meaning; and reading what it holds."""

import logging
import sqlite3
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import orjson

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.protocols import TextEncoder
from mecelle.retrieval import articles, lookup, stored
from mecelle.retrieval.articles import Wording
from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.catalogue import Catalogue, searched_text
from mecelle.retrieval.config import Mode
from mecelle.retrieval.filters import Filters, Where
from mecelle.retrieval.finding import Finder
from mecelle.retrieval.fusion import min_max, rrf
from mecelle.retrieval.grouping import Group, Ranked, group, reordered
from mecelle.retrieval.hits import Hit, Snippet, make_hit
from mecelle.retrieval.holdings import Holdings
from mecelle.retrieval.lookup import LIVE
from mecelle.retrieval.manifest import COUNTS, TABLES, Manifest, read_manifest
from mecelle.retrieval.meaning import Meaning
from mecelle.retrieval.opening import opened_generation
from mecelle.retrieval.ranking import Ranking
from mecelle.retrieval.reranking import Reranker
from mecelle.retrieval.spelling import AskedWord, asked_words
from mecelle.retrieval.stored import StoredDocument
from mecelle.text.unicode import clean

__all__ = ["Filters", "Hit", "Searcher", "Snippet", "search"]

_LOG = logging.getLogger(__name__)
_TELLING_TERMS = 40
"""Of a document, when others like it are looked for by words."""
_COLUMNS = "position, id, kind, law_number, metadata, article, heading, section, start, end, text"


def search(
    index: Path,
    query: str,
    *,
    k: int = 10,
    mode: Mode | None = None,
    filters: Filters | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """The `k` best hits of one question; see `Searcher`, which loads once and answers many."""
    with Searcher(index, reranker=reranker) as searcher:
        return searcher.search(query, k=k, mode=mode, filters=filters)


class Searcher:
    """An open index. Answers from any thread; it keeps to the generation it opened while another is built."""

    def __init__(
        self,
        index: Path,
        *,
        encoder: TextEncoder | None = None,
        reranker: Reranker | None = None,
        device: str = "cpu",
    ) -> None:
        """encoder: the index's model if it is loaded already; else it is loaded when a question first needs it.

        reranker: orders the best hits anew (`mecelle.retrieval.reranking.load_reranker`); None: nothing does.
        Raises ArtifactError if there is no whole index, MismatchError if `encoder` is not the model of the index.
        """
        self.index, self.reranker = index, reranker
        self.hidden: frozenset[str] = frozenset()
        """Ids of documents that no call gives: they were taken down, and are not out of the files yet."""
        opened_generation(index, partial(self._open, encoder=encoder, device=device))

    def _open(self, manifest: Manifest, *, encoder: TextEncoder | None, device: str) -> None:
        folder = manifest.folder(self.index)
        with ExitStack() as opened:
            self.catalogue = opened.enter_context(closing(Catalogue.read(folder / TABLES)))
            self.bm25 = Bm25.load(folder / COUNTS)
            self._finder = Finder(self.catalogue, self.bm25)
            self.holdings = Holdings(self.catalogue)
            self.meaning = Meaning(self.index, manifest, encoder=encoder, device=device)
            opened.enter_context(closing(self.meaning))
            if self.meaning.has_failed and read_manifest(self.index).generation != manifest.generation:
                raise ArtifactError("a build took its vectors away while it was opened")
            opened.pop_all()
        self.manifest, self.config = manifest, manifest.parsed_config()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self.catalogue.close()
        self.meaning.close()

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        skip: int = 0,
        beyond: int = 0,
        mode: Mode | None = None,
        filters: Filters | None = None,
        rerank: bool = True,
    ) -> list[Hit]:
        """The `k` best hits behind the first `skip`, best first: what the question names outright, then by `mode`.

        By words, a question may be typed without Turkish letters.

        A decision or other document is one hit, of an act each article is one. Pages of one `k` are parts of one order,
        which ends with the candidates.
        beyond: hits behind the `k` best that are given too, such as one that tells of a next page; a greater `k` might
        make another order. mode: None takes the index's own.
        rerank: whether the re-ranker, if there is one, orders the best hits anew. If it fails, which is logged, they
        keep the order before it: no hit has `rerank` among its ranks.
        Raises InputError for an empty question, ConfigError if k or skip is too small, the mode or a filter's value is
        unknown, or they need vectors or sections and the index has none; NotHeldError, a kind of it, for a filter's
        value that no document has.
        """
        mode = self._mode(mode)
        if k < 1:
            raise ConfigError(f"k is {k}; a search returns 1 hit or more")
        if skip < 0:
            raise ConfigError(f"skip is {skip}; a search passes over 0 hits or more")
        question = clean(query).strip()
        if not question:
            raise InputError("the question is empty; type a few words, a case number or an article")
        where = self._where(filters)
        depth = max(self.config.candidates, 10 * k)  # without `skip`, `beyond`: more are fused into another order
        words = asked_words(question, method=self.bm25.config.terms, is_known=self.bm25.knows)
        found: dict[str, Ranked] = {"exact": self._finder.named(question, where)}
        if mode in ("bm25", "hybrid"):
            found["bm25"] = self._finder.by_words(words, depth, where)
        if mode in ("dense", "hybrid"):
            with self.meaning.opened() as store:
                found["dense"] = self._finder.by_vector(store, self.meaning.of_question(question), depth, where)
        num_reranked = max(k, self.config.rerank_hits) if self.reranker and rerank else 0
        all_words = len(found.get("bm25", ())) < depth
        groups = self._grouped(found, max(skip + k + beyond, num_reranked), all_words=all_words)
        if self.reranker and num_reranked:
            groups = self._reranked(groups, num_reranked, question, self.reranker)
        return self._hits(groups[skip : skip + k + beyond], [term for one in words for term in one.terms])

    def missing(self, question: str) -> list[str]:
        """What a question names by number and no document has: decisions (`2020/123`), articles as they are cited."""
        return lookup.missing_references(self.catalogue, question, hidden=self.hidden)

    def similar(self, identifier: str, *, k: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Documents like a document of the index, best first, without itself: by vectors if there are, else by words.

        By vectors, the mean of its passages is compared. Raises InputError if the index has no such document.
        """
        rows = self.catalogue.rows(f"SELECT point, text {LIVE} AND id = ? ORDER BY position", identifier)
        if not rows or identifier in self.hidden:
            raise InputError(f"{identifier}: the index holds no document of this id")
        where, depth = self._where(filters), max(self.config.candidates, 10 * k) + len(rows)
        if self.manifest.mode == "bm25":
            terms = self.bm25.telling("\n".join(row["text"] for row in rows), _TELLING_TERMS)
            words = [AskedWord(term, (term,), (term,)) for term in terms]
            found = {"bm25": self._finder.by_words(words, depth, where)}
        else:
            with self.meaning.opened() as store:
                mean = self.meaning.mean_of({row["point"] for row in rows})
                found = {"dense": self._finder.by_vector(store, mean, depth, where)}
        groups = [one for one in self._grouped(found, k + len(rows)) if _document_of(one.name) != identifier]
        return self._hits(groups[:k], [])

    def document(self, identifier: str) -> StoredDocument | None:
        """A document whole, with its sections and citations; None if the index has none of this id."""
        if identifier in self.hidden:
            return None
        return stored.stored_document(self.catalogue, identifier, hidden=self.hidden)

    def article(self, key: str, *, on: str | None = None) -> Wording | None:
        """The article that a citation's key names (`6098:m49/2`), as it stood on an ISO day; None if it is not held."""
        found = articles.article_in_force(self.catalogue, key, on=on)
        return None if found and found.document_id in self.hidden else found

    def decisions(self, key: str) -> list[str]:
        """Ids of the decisions that a citation's key names (`yargıtay:4hd:e2024/3494`)."""
        return [one for one in lookup.cited_decisions(self.catalogue, key) if one not in self.hidden]

    def acts(self, law_number: str) -> list[str]:
        """Ids of the acts with this number."""
        return [one for one in stored.acts(self.catalogue, law_number) if one not in self.hidden]

    def _mode(self, mode: Mode | None) -> Mode:
        mode = mode or self.manifest.mode
        if mode not in ("bm25", "dense", "hybrid"):
            raise ConfigError(f"mode '{mode}' is unknown; use 'bm25', 'dense' or 'hybrid'")
        return mode

    def _where(self, filters: Filters | None) -> Where:
        if filters and filters.sections and (self.manifest.sections is None or self.config.cutting == "fixed"):
            raise ConfigError(
                "this index knows no sections: build it with a sectioner and cutting=structure, or search in all"
            )
        return self.holdings.where(filters or Filters())

    def _grouped(self, found: Mapping[str, Ranked], k: int, *, all_words: bool = False) -> list[Group]:
        """all_words: whether every passage that holds a word of the question is among `found`."""
        names = self._finder.groups({position for ranked in found.values() for position, _ in ranked})
        if self.hidden:
            shown = {position for position, name in names.items() if _document_of(name) not in self.hidden}
            found = {kind: [one for one in ranked if one[0] in shown] for kind, ranked in found.items()}
        lowest = [min((score for _, score in found.get(kind, ())), default=None) for kind in ("bm25", "dense")]
        floors = [0.0 if all_words else lowest[0], lowest[1]]
        groups = group(found, names, k=k, fuse=partial(self._fused, floors=floors))
        return [replace(one, positions=one.positions[: self.config.passages_per_hit]) for one in groups]

    def _fused(self, both: Sequence[Ranking], *, floors: Sequence[float | None]) -> Ranking:
        """floors: of the passages, since groups are fewer: the last of them may be far above what was cut off."""
        weights = [1.0, self.config.dense_weight]
        if self.config.fusion == "ranks":
            return rrf(both, constant=self.config.fusion_constant, weights=weights)
        return min_max(both, floors=floors, weights=weights)

    def _reranked(self, groups: list[Group], most: int, question: str, reranker: Reranker) -> list[Group]:
        """The groups with the first `most` ordered anew."""
        rows = self._rows(groups[:most])
        texts = [
            searched_text(orjson.loads(row["metadata"]), row["text"], heading=row["heading"], article=row["article"])
            for row in rows.values()
        ]
        try:
            scores = dict(zip(rows, map(float, reranker.score(question, texts)), strict=True)) if texts else {}
        except Exception as error:  # any, of a model; its message may repeat the question, which no log may hold
            place = traceback.extract_tb(error.__traceback__)[-1]
            _LOG.warning(
                "the re-ranker '%s' failed (%s at %s:%s); the hits keep the order before it",
                reranker.name, type(error).__name__, place.filename, place.lineno,
            )  # fmt: skip
            return groups
        return reordered(groups, scores)

    def _hits(self, groups: Sequence[Group], terms: Sequence[str]) -> list[Hit]:
        rows, method, asked = self._rows(groups), self.bm25.config.terms, frozenset(terms)
        return [
            make_hit(
                [rows[position] for position in one.positions],
                score=one.score,
                ranks=one.ranks,
                terms=asked,
                method=method,
            )
            for one in groups
        ]

    def _rows(self, groups: Sequence[Group]) -> dict[int, sqlite3.Row]:
        """The passages of groups with their documents, by position."""
        positions = [position for one in groups for position in one.positions]
        found = self._finder.select(f"SELECT {_COLUMNS} {LIVE} AND position IN", positions)
        by_position = {row["position"]: row for row in found}
        return {position: by_position[position] for position in positions}


def _document_of(name: str) -> str:
    """The document of a group."""
    return name.partition("\x1f")[0]
