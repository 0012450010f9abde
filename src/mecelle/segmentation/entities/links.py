"""Citations of a text with the articles of a collection that they lead to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mecelle.base.collection import is_collection, read_documents, read_jsonl
from mecelle.base.document import Document
from mecelle.base.errors import InputError
from mecelle.segmentation.record import CitationLink
from mecelle.text.acts import article_keys, split_articles
from mecelle.text.casing import fold
from mecelle.text.citations import Citation, article_of, find_citations
from mecelle.text.dates import DATE, iso_date

_ID = re.compile(r"\d+[^:]*:m")
_CHANGE = re.compile(rf"[(;]\s?(?:Değişik|Ek|Mülga|İptal|Yeniden)[^()\d]{{0,80}}{DATE}", re.IGNORECASE)
"""What consolidated acts write behind a change: (Değişik fıkra: 30/3/2023-7447/1 md.)."""


@dataclass(frozen=True)
class Article:
    """An article as the collection has it: with all changes up to the day of the collection."""

    id: str
    text: str
    heading: str | None = None
    law: str | None = None
    """Title of the act."""

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """Days, ISO and sorted, of the changes that the text itself tells."""
        return tuple(sorted(day for match in _CHANGE.finditer(self.text) if (day := iso_date(match[1]))))


class Articles:
    """Articles of acts by the key of a citation."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._by_key: dict[str, Article] = {}
        for article in articles:
            self._by_key.setdefault(fold(article.id), article)

    def __len__(self) -> int:
        return len(self._by_key)

    @classmethod
    def read(cls, path: Path) -> "Articles":
        """Articles of a collection (acts are cut, single articles taken), or of a JSONL file of `id` and `text`.

        Raises InputError if there is no article.
        """
        found = cls(_of_documents(read_documents(path)) if is_collection(path) else _of_rows(read_jsonl(path)))
        if not found:
            raise InputError(
                f"{path}: no articles of acts in it; expected documents of kind statute or article with their "
                "law_number, or rows with id (6098:m49) and text"
            )
        return found

    def find(self, key: str) -> Article | None:
        """The article that a key lies in: that of "6100:m353/1-b-2" is 6100:m353."""
        return self._by_key.get(article_of(key))


def link(
    text: str, articles: Articles | None = None, *, date: str | None = None, citations: list[Citation] | None = None
) -> list[CitationLink]:
    """Citations of a decision, sorted, one for each thing cited, with the article that the collection has of it.

    date: of the decision, ISO. It tells which act an abbreviation meant (TCK: 765 until 2005), and whether the article
    changed since: the collection has one wording of each article, not that of every day.
    citations: of `text`, if they are at hand.

    >>> [(one.key, one.law, one.article) for one in link("TBK 49 uyarınca")]
    [('6098:m49', '6098', '49')]
    """
    found = find_citations(text, date=date) if citations is None else citations
    return [_link(text, one, key, articles, date) for one in found for key in one.normalised]


def _link(text: str, one: Citation, key: str, articles: Articles | None, date: str | None) -> CitationLink:
    law, _, rest = article_of(key).partition(":m")
    article = articles.find(key) if articles and one.kind == "article" else None
    later = [day for day in article.changes if day > date] if article and date else []
    return CitationLink(
        start=one.start,
        end=one.end,
        text=text[one.start : one.end],
        kind=one.kind,
        key=key,
        law=None if one.kind == "decision" or law == "?" else law,
        article=rest if one.kind == "article" else None,
        target=article.id if article else None,
        changed=later[0] if later else None,
    )


def _of_rows(rows: Iterable[Mapping[str, object]]) -> Iterator[Article]:
    for row in rows:
        if _ID.match(str(row.get("id"))) and row.get("text"):
            yield Article(str(row["id"]), str(row["text"]), _told(row, "heading"), _told(row, "law"))


def _of_documents(documents: Iterable[Document]) -> Iterator[Article]:
    for document in documents:
        told = document.metadata
        number, kind = told.get("law_number"), told.get("kind")
        if kind == "article" and number and told.get("article"):
            yield Article(f"{number}:m{told['article']}", document.text, _told(told, "heading"), _told(told, "law"))
        elif kind == "statute" and number:
            cut = split_articles(document.text)
            for article, key in zip(cut, article_keys(cut), strict=True):
                yield Article(f"{number}:{key}", article.text, article.heading, _told(told, "title"))


def _told(row: Mapping[str, object], name: str) -> str | None:
    return str(row[name]) if row.get(name) else None
