"""BM25 over Turkish search terms.

Scores are those of Lucene's variant, computed ahead for every term and document by bm25s (arXiv:2407.03618).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ArtifactError
from mecelle.retrieval.ranking import Identifiers, Ranking
from mecelle.text.stemming import Method, search_terms

if TYPE_CHECKING:
    from bm25s import BM25


class Bm25Config(Config):
    """What BM25 counts as a term, and its two constants."""

    terms: Method = "snowball"
    """How words become terms: Snowball stems, or their first five letters ("first5")."""
    k1: float = Field(default=1.5, ge=0.0)
    """Saturation of repeated terms; 0 counts only presence."""
    b: float = Field(default=0.75, ge=0.0, le=1.0)
    """Correction for length, 0..1."""


class Bm25:
    """A collection that can be asked by words."""

    def __init__(self, ids: Sequence[str], scorer: "BM25 | None", config: Bm25Config) -> None:
        """scorer: None for a collection without a single term. Use `build` or `load`."""
        self.identifiers = Identifiers(ids)
        self.config = config
        self._scorer = scorer

    @classmethod
    def build(cls, documents: Iterable[tuple[str, str]], config: Bm25Config | None = None) -> Self:
        """Count the terms of (id, text) pairs. Raises InputError if an id stands twice."""
        config = config or Bm25Config()
        terms = ((identifier, search_terms(text, method=config.terms)) for identifier, text in documents)
        return cls.from_terms(terms, config)

    @classmethod
    def from_terms(cls, documents: Iterable[tuple[str, Sequence[str]]], config: Bm25Config) -> Self:
        """Count (id, terms) pairs whose terms have been found before. Raises InputError if an id stands twice."""
        ids: list[str] = []
        # Our own numbering: bm25s numbers the terms by the order of a set, which changes from run to run.
        vocabulary: dict[str, int] = {}
        rows: list[list[int]] = []
        for identifier, terms in documents:
            ids.append(identifier)
            rows.append([vocabulary.setdefault(term, len(vocabulary)) for term in terms])
        if not vocabulary:
            return cls(ids, None, config)
        from bm25s import BM25  # here, since it brings scipy and numba: half a second for every command

        scorer = BM25(k1=config.k1, b=config.b, method="lucene")
        scorer.index((rows, vocabulary), create_empty_token=False, show_progress=False)
        return cls(ids, scorer, config)

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 of every document for the query, shape (documents,), 0 where no term is shared."""
        return self.scores_of(search_terms(query, method=self.config.terms))

    def scores_of(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """The same for terms that have been found before."""
        known = list(filter(self.knows, terms))
        if not known or self._scorer is None:
            return np.zeros(len(self.identifiers), dtype=np.float32)
        found: NDArray[np.float32] = self._scorer.get_scores(known)
        return found

    def scores_of_words(self, words: Iterable[Sequence[str]]) -> NDArray[np.float32]:
        """BM25 of every document for words of which each has one or more terms, any of which may be meant.

        The terms of a word count as one term: as rare as the documents that have any of them.
        """
        several: list[Sequence[str]] = []
        single: list[str] = []
        for terms in words:
            several.append(terms) if len(terms) > 1 else single.extend(terms)
        scores = self.scores_of(single)
        for terms in several:
            scores = scores + self._scores_of_any(terms)
        return scores

    def _scores_of_any(self, terms: Sequence[str]) -> NDArray[np.float32]:
        scores = np.zeros(len(self.identifiers), dtype=np.float32)
        for term in filter(self.knows, terms):
            # Without its own rarity, which is the greatest for the misspelt; frequencies are saturated one by one.
            rows, values = self._postings(term)
            scores[rows] += values / self.rarity(term)
        scores *= self._rarity_of(int(np.count_nonzero(scores)))
        return scores

    def knows(self, term: str) -> bool:
        """Whether the collection has a search term."""
        return self._scorer is not None and term in self._scorer.vocab_dict

    def _postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Documents that have a known term, and the term's score in each."""
        assert self._scorer is not None
        table, number = self._scorer.scores, self._scorer.vocab_dict[term]
        place = slice(table["indptr"][number], table["indptr"][number + 1])
        return table["indices"][place], table["data"][place]

    def telling(self, text: str, k: int) -> list[str]:
        """The `k` terms of a text that tell most of it, by their number in it times their rarity (tf-idf), best first.

        A whole decision asked term by term would touch most of the collection.
        """
        counts = Counter(search_terms(text, method=self.config.terms))
        weights = {term: count * self.rarity(term) for term, count in counts.items() if self.knows(term)}
        return sorted(weights, key=lambda term: (-weights[term], term))[:k]

    def rarity(self, term: str) -> float:
        """How much a search term tells: its inverse document frequency; greatest for one that the collection lacks."""
        return self._rarity_of(len(self._postings(term)[0]) if self.knows(term) else 0)

    def _rarity_of(self, held: int) -> float:
        """Inverse document frequency, as Lucene has it, of what `held` documents have."""
        return float(np.log1p((len(self.identifiers) - held + 0.5) / (held + 0.5)))

    def rank(self, query: str, k: int) -> Ranking:
        """The `k` best documents that share a term with the query."""
        return self.identifiers.best(self.scores(query), k, above=0.0)

    def save(self, folder: Path) -> None:
        """Write the counts and ids. Same collection, same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        header = {"config": self.config.model_dump(mode="json"), "ids": self.identifiers.ids}
        (folder / "bm25.json").write_bytes(orjson.dumps(header))
        if self._scorer is not None:
            self._scorer.save(folder / "scores", show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; the scores stay on disk until they are needed.

        Raises ArtifactError if it is absent.
        """
        path = folder / "bm25.json"
        if not path.exists():
            raise ArtifactError(f"{folder}: no BM25 counts in it; build the index again")
        header = orjson.loads(path.read_bytes())
        scores = folder / "scores"
        from bm25s import BM25

        scorer = BM25.load(scores, mmap=True, show_progress=False, verbosity=0) if scores.exists() else None
        return cls(header["ids"], scorer, Bm25Config.model_validate(header["config"]))


def rank_bm25(
    queries: Iterable[str], documents: Iterable[tuple[str, str]], k: int, *, config: Bm25Config | None = None
) -> list[Ranking]:
    """Rank (id, text) pairs for each query by BM25; documents without a shared term are left out."""
    collection = Bm25.build(documents, config)
    return [collection.rank(query, k) for query in queries]
