"""The articles of a collection by the key that citations have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mecelle.base.document import Document
from mecelle.documents.passages import passages
from mecelle.embedding.pairs.articles import ACT_KINDS, first_pieces
from mecelle.text.casing import fold
from mecelle.text.citations import article_of, find_citations


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """What a citation leads to."""

    text: str
    """The article's first passage, without its heading."""
    document_id: str


class CitedArticles:
    """Articles in force of a collection, by folded key (`6098:m49`)."""

    def __init__(self, articles: dict[str, CitedArticle]) -> None:
        self._articles = articles

    @classmethod
    def of(cls, documents: Iterable[Document], *, most_words: int) -> Self:
        """Collect them. most_words: of a passage. An article that is a document of its own goes before its act's."""
        own: dict[str, CitedArticle] = {}
        of_acts: dict[str, CitedArticle] = {}
        for document in documents:
            if document.metadata.get("kind") not in ACT_KINDS or document.metadata.get("repealed") is True:
                continue
            found = own if document.metadata["kind"] == "article" else of_acts
            pieces = passages(document, most_words=most_words, overlap_words=0)
            keys = dict.fromkeys(one.article for one in pieces if one.article)
            for key, piece in zip(keys, first_pieces(document, pieces), strict=True):
                if ":" in key:
                    found.setdefault(fold(key), CitedArticle(piece.text, document.id))
        return cls(of_acts | own)

    def known(self, keys: Iterable[str]) -> list[str]:
        """Keys of articles that are here, each once, in order; of a paragraph, the article that it stands in."""
        return [key for key in dict.fromkeys(article_of(key) for key in keys) if key in self._articles]

    def get(self, key: str) -> CitedArticle:
        """The article of a key that is `known`."""
        return self._articles[key]

    def cited_in(self, text: str) -> list[CitedArticle]:
        """The articles that a text cites, in order."""
        keys = [key for one in find_citations(text) if one.kind == "article" for key in one.normalised]
        return [self._articles[key] for key in self.known(keys)]
