"""The leakage gate: no pair may ask what the evaluation asks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError
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
    """The texts under `query` or `question` of JSON Lines files, in order.

    Raises InputError if a file is absent or holds none, since a gate that guards nothing would go unnoticed.
    """
    found: list[str] = []
    for path in paths:
        if not path.exists():
            raise InputError(
                f"{path}: no such file; the queries of the evaluation are needed to keep them out of training"
            )
        rows = (row for row in read_jsonl(path) if isinstance(row, dict))
        queries = [text for row in rows if isinstance(text := row.get("query") or row.get("question"), str)]
        if not queries:
            raise InputError(f"{path}: no row with 'query' or 'question'; expected the questions of an evaluation set")
        found += queries
    return found


def _terms(query: str) -> frozenset[str]:
    return frozenset(words(fold(query)))
