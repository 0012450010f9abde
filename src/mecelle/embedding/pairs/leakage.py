"""The leakage gate: no pair may ask what the evaluation asks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from mecelle.documents.queries import read_queries
from mecelle.text.casing import fold
from mecelle.text.words import words


class LeakageGate:
    """Recognises queries that are, or nearly are, one of the evaluation's."""

    def __init__(self, queries: Iterable[str], *, similarity: float) -> None:
        """similarity: least Jaccard similarity of the word sets, 0..1, that counts as the same query."""
        self.similarity = similarity
        self._sizes: list[int] = []
        self._where: dict[str, list[int]] = defaultdict(list)
        for query in queries:
            terms = _terms(query)
            for term in sorted(terms):
                self._where[term].append(len(self._sizes))
            self._sizes.append(len(terms))

    def catches(self, query: str) -> bool:
        """Whether `query` is an evaluation query, up to case, punctuation and a few words."""
        terms = _terms(query)
        shared = Counter(number for term in terms for number in self._where.get(term, ()))
        return any(
            count / (len(terms) + self._sizes[number] - count) >= self.similarity for number, count in shared.items()
        )


def evaluation_queries(paths: Sequence[Path]) -> list[str]:
    """The texts of files of queries (`mecelle.documents.queries`), in order.

    Raises InputError if a file is absent or holds none, since a gate that guards nothing would go unnoticed.
    """
    return [row.query for path in paths for row in read_queries(path)]


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """The files by what a run record calls them: their names, or whole paths where several have one name."""
    count = Counter(path.name for path in paths)
    return {path.name if count[path.name] == 1 else str(path): path for path in paths}


def _terms(query: str) -> frozenset[str]:
    return frozenset(words(fold(query)))
