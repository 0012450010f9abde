"""The passages that an answer may rest on, and whether they are enough."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mecelle.retrieval.bm25 import Bm25
from mecelle.retrieval.hits import Hit
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.spelling import asked_words
from mecelle.text.casing import fold
from mecelle.text.citations import find_citations
from mecelle.text.stemming import content_words, prefix


@dataclass(frozen=True, slots=True)
class Source:
    """A passage under its number, with all that a sentence may take from it."""

    number: int
    """From 1, as the model is to name it."""
    hit: Hit

    @property
    def text(self) -> str:
        """The passage under the citation of its document, which is evidence as well."""
        return f"{self.hit.citation}\n{self.hit.passage}"

    def citable_keys(self) -> set[str]:
        """What the passage is and what it cites, in the normal form of `mecelle.text.citations`."""
        own = {fold(self.hit.article)} if self.hit.article else set()
        if self.hit.law_number:
            own.add(self.hit.law_number)
        said = find_citations(self.text, law=self.hit.law_number, date=self.hit.date)
        return own | {key for citation in said for key in citation.normalised}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a question can be answered from."""

    sources: tuple[Source, ...]
    known_share: float
    """Share of the question's content words that the passages hold, 0..1, weighted by rarity."""
    missing: tuple[str, ...]
    """What the question names outright and the collection lacks: numbers of decisions, articles as they are cited."""


def gather(searcher: Searcher, question: str, hits: Sequence[Hit]) -> Evidence:
    """The evidence of the hits of a question."""
    sources = tuple(Source(number, hit) for number, hit in enumerate(hits, start=1))
    known = known_share(searcher.bm25, question, (source.text for source in sources))
    return Evidence(sources, known, tuple(searcher.missing(question)))


def known_share(bm25: Bm25, question: str, texts: Iterable[str]) -> float:
    """Share of the question's content words that the texts hold, 0..1, weighted by their rarity in the collection.

    Words are compared by their first five letters: everyday questions inflect what acts say in another form. A word
    typed without Turkish letters may be any that it spells in them.
    """
    words = asked_words(question, method=bm25.config.terms, is_known=bm25.knows)
    asked = dict(zip(prefix([one.typed for one in words]), words, strict=True))
    if not asked:
        return 0.0
    held = {start for text in texts for start in prefix(content_words(text))}
    weights = {start: min(map(bm25.rarity, one.terms)) for start, one in asked.items()}
    known = (start for start, one in asked.items() if not held.isdisjoint(prefix(one.meant)))
    return sum(weights[start] for start in known) / sum(weights.values())
