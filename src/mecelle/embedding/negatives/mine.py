"""Stage "negatives": the same pairs, with hard negatives that a search finds among their documents."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.config import Config
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.progress import Progress
from mecelle.embedding.negatives.choose import choose
from mecelle.embedding.negatives.search import scored
from mecelle.embedding.pairs.nearest import flat
from mecelle.embedding.pairs.record import HELD_OUT, Pair, negatives_of, read_pairs, with_negatives, write_pairs

STAGE = "negatives"
VERSION = 2
ACTS = ("statute-", "regulation-", "contract-")
"""What ids of documents begin with whose parts speak of different matters: the next article is the best negative."""


class MiningConfig(Config):
    """How hard negatives are found, and which are refused."""

    search: str = "bm25"
    """What finds them: bm25, bm25:first5, or an embedding model (folder, hub id, `package:` name)."""
    count: int = Field(default=4, ge=1)
    """Negatives of a query that are looked for, at most; those that the pair has come before them."""
    depth: int = Field(default=100, ge=1)
    """Candidates of a query that are looked at."""
    share: float = Field(default=0.95, gt=0.0, le=1.0)
    """Of the positive's score: a candidate that scores so much is taken for a false negative. Source: NV-Retriever."""


def mine(pairs: Path, out: Path, config: MiningConfig) -> None:
    """Make the artifact `out` of stage "negatives" from an artifact (or file) of pairs.

    Candidates are the documents of all pairs. Never a negative: what answers the same query in another pair, be it in
    capitals, what is cut from the same decision or answer, and what reads the same. Negatives that a pair has stay,
    first; a pair for which nothing is found stays as it is. Nothing is drawn, so there is no seed. Raises InputError if
    the pairs are graded, or none.
    """
    with artifacts.create(
        out, stage=STAGE, version=VERSION, parameters=config, inputs={"pairs": pairs}, seed=None
    ) as run:
        given = list(read_pairs(pairs))
        if not given or any(pair.grade is not None for pair in given):
            raise InputError(f"{pairs}: {'graded pairs have' if given else 'no pairs:'} no negatives to look for")
        fates: Counter[str] = Counter()
        made = list(_with_negatives(given, config, fates))
        write_pairs(made, run.folder)
        if pairs.is_dir() and (pairs / HELD_OUT).exists():
            shutil.copyfile(pairs / HELD_OUT, run.folder / HELD_OUT)
        run.accounts.unit = "pairs"
        run.accounts.keep(len(made))
        counts = Counter(len(pair.negatives) for pair in made)
        run.figures.update(
            candidates=dict(sorted(fates.items())), pairs_by_negatives={str(k): counts[k] for k in sorted(counts)}
        )


def _with_negatives(pairs: Sequence[Pair], config: MiningConfig, fates: Counter[str]) -> Iterator[Pair]:
    collection = _Collection(pairs)
    queries = list(dict.fromkeys(pair.query for pair in pairs))
    rows: dict[str, list[Pair]] = defaultdict(list)
    alike: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        rows[pair.query].append(pair)
        alike[flat(pair.query)].append(pair)
    found: dict[str, list[tuple[str, str]]] = {}
    with Progress("negatives", total=len(queries), unit="queries") as progress:
        asked = iter(queries)
        for scores_QN in scored(config.search, queries, collection.texts):
            for scores_N, query in zip(scores_QN, asked, strict=False):  # as many queries as there are rows
                answers = collection.answers(alike[flat(query)])
                found |= _of_query(scores_N, rows[query], answers, collection, config, fates)
                progress.advance()
    return (with_negatives(pair, [*negatives_of(pair), *found[pair.id]]) for pair in pairs)


def _of_query(
    scores_N: NDArray[np.float32],
    pairs: Sequence[Pair],
    answers: set[int],
    collection: "_Collection",
    config: MiningConfig,
    fates: Counter[str],
) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for pair in pairs:
        places, met = choose(
            scores_N, collection.place[content_hash(pair.document)], not_among=answers | collection.negatives(pair),
            share=config.share, depth=config.depth, count=config.count,
        )  # fmt: skip
        fates.update(met)
        found[pair.id] = [(collection.texts[place], collection.sources[place]) for place in places]
    return found


class _Collection:
    """The distinct documents of all pairs."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        first = {pair.document: pair.document_id for pair in reversed(pairs)}
        self.texts = list(dict.fromkeys(pair.document for pair in pairs))
        self.sources = [first[text] for text in self.texts]
        """Of each text, the document of the first pair that has it."""
        self.place = {content_hash(text): place for place, text in enumerate(self.texts)}
        self._of_source: dict[str, set[int]] = defaultdict(set)
        self._alike: dict[str, set[int]] = defaultdict(set)
        for pair in pairs:
            if not pair.document_id.startswith(ACTS):
                self._of_source[pair.document_id].add(self.place[content_hash(pair.document)])
        for place, text in enumerate(self.texts):
            self._alike[flat(text)].add(place)

    def negatives(self, pair: Pair) -> set[int]:
        """Places of the negatives that a pair has, as far as they are documents of pairs."""
        return {place for text in pair.negatives if (place := self.place.get(content_hash(text))) is not None}

    def answers(self, pairs: Sequence[Pair]) -> set[int]:
        """Places of all that may answer the one query of these pairs, however it is spelt."""
        own = {place for pair in pairs for place in self._alike[flat(pair.document)]}
        return own.union(*(self._of_source.get(pair.document_id, ()) for pair in pairs))
