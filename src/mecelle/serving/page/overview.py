"""What a collection holds: counts, the choices of the filters, and examples of questions that find something."""

import asyncio
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson

from mecelle.base.errors import MecelleError
from mecelle.retrieval.catalogue import Catalogue
from mecelle.retrieval.hits import citation
from mecelle.retrieval.lookup import LIVE
from mecelle.serving.page.wording import calm
from mecelle.serving.service import Service
from mecelle.text.casing import fold
from mecelle.text.chambers import chamber_abbreviation

_MOST_COURTS, _MOST_CHAMBERS, _CITED_TRIED = 60, 80, 40
_TELLING_HEADING = re.compile(r"(?:[IVX]+|[A-ZÇĞİÖŞÜ]|\d+)\.\s+")
"""Numbering before a heading: "II. Kiracının temerrüdü"."""
_EMPTY_HEADINGS = frozenset({"amaç", "kapsam", "tanımlar", "yürürlük", "yürütme", "genel olarak", "dayanak"})
_SHOWN = "live AND id NOT IN (SELECT value FROM json_each(?))"
"""Which documents are counted; the value is a JSON array of the ids of others."""
_State = tuple[int, frozenset[str]]
"""Generation, and ids that are hidden in it."""
_SECONDS = 2.0
"""So long a page waits for the overview, and is shown without it then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Of one generation of an index."""

    kinds: tuple[tuple[str, int], ...] = ()
    """Kinds of documents with their counts, most first."""
    courts: tuple[str, ...] = ()
    chambers: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    words: tuple[str, ...] = ()
    """Questions in words: headings of the articles that are cited most."""
    numbers: tuple[str, ...] = ()
    """Decisions by number: `4. HD 2024/3494`."""
    articles: tuple[str, ...] = ()
    """Articles: `6098 sayılı Kanun m. 49`."""


def look(catalogue: Catalogue, *, hidden: Collection[str] = ()) -> Overview:
    """Count and choose; the same index gives the same overview. hidden: ids of documents that are left out."""
    gone = orjson.dumps(sorted(hidden)).decode()
    kinds = catalogue.rows(
        f"SELECT kind, COUNT(*) AS n FROM documents WHERE {_SHOWN} GROUP BY kind ORDER BY n DESC, kind", gone
    )
    span = catalogue.rows(f"SELECT MIN(year) AS first, MAX(year) AS last FROM documents WHERE {_SHOWN}", gone)[0]
    sections = catalogue.rows(f"SELECT DISTINCT section {LIVE} AND section NOT NULL AND {_SHOWN}", gone)
    words, articles = _cited(catalogue, gone)
    return Overview(
        kinds=tuple((row["kind"], row["n"]) for row in kinds),
        courts=_names(catalogue, "court", _MOST_COURTS, gone),
        chambers=_names(catalogue, "chamber", _MOST_CHAMBERS, gone),
        sections=tuple(row["section"] for row in sections),
        years=(span["first"], span["last"]) if span["first"] is not None else None,
        words=words,
        numbers=_numbers(catalogue, gone),
        articles=articles,
    )


class Overviews:
    """The overview of what is served, counted once in the background, and again after a build or a takedown."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: tuple[_State, Overview] | None = None
        self._task: asyncio.Task[None] | None = None

    async def current(self) -> Overview:
        """The overview; an empty one as long as it is not there."""
        with suppress(TimeoutError, MecelleError):
            async with asyncio.timeout(_SECONDS):
                while self._known is None or self._known[0] != await asyncio.to_thread(self._state):
                    if self._task is None or self._task.done():
                        self._task = asyncio.create_task(self._look())
                    await asyncio.shield(self._task)
                return self._known[1]
        return Overview()

    def _state(self) -> _State:
        with self._service.collection.searcher() as searcher:
            return searcher.manifest.generation, searcher.hidden

    async def _look(self) -> None:
        def call() -> tuple[_State, Overview]:
            with self._service.collection.searcher() as searcher:
                hidden = searcher.hidden
                return (searcher.manifest.generation, hidden), look(searcher.catalogue, hidden=hidden)

        self._known = await self._service.workers.run(600.0, call)


def _names(catalogue: Catalogue, field: str, most: int, gone: str) -> tuple[str, ...]:
    """Names as the documents write them, those with most documents; in the order of their folded names."""
    rows = catalogue.rows(
        f"SELECT MIN(json_extract(metadata, '$.{field}')) AS name, COUNT(*) AS n FROM documents "
        f"WHERE {_SHOWN} AND {field} NOT NULL GROUP BY {field} ORDER BY n DESC, {field} LIMIT {most}",
        gone,
    )
    return tuple(sorted((calm(str(row["name"])) for row in rows), key=_by_number))


def _by_number(name: str) -> tuple[str, int, str]:
    number = re.match(r"\d+", name)
    return re.sub(r"^\d+\.\s*", "", fold(name)), int(number[0]) if number else 0, name


def _cited(catalogue: Catalogue, gone: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headings and citations of articles that the collection holds, those that are cited most first."""
    keys = [row["article"] for row in catalogue.rows(
        "SELECT article, COUNT(DISTINCT document) AS n FROM citations WHERE article NOT NULL "
        "GROUP BY article ORDER BY n DESC, article LIMIT ?", _CITED_TRIED
    )]  # fmt: skip
    query = f"SELECT metadata, article, heading {LIVE} AND {_SHOWN} AND reference = ? ORDER BY position LIMIT 1"
    held = [catalogue.rows(query, gone, fold(key)) for key in keys]
    rows = [found[0] for found in held if found]
    if not rows:
        query = f"SELECT metadata, article, heading {LIVE} AND {_SHOWN} AND article NOT NULL LIMIT {_CITED_TRIED}"
        rows = catalogue.rows(query, gone)
    return (
        tuple(dict.fromkeys(filter(None, (_telling(row["heading"]) for row in rows))))[:3],
        tuple(dict.fromkeys(citation(orjson.loads(row["metadata"]), row["article"]) for row in rows))[:2],
    )


def _telling(heading: str | None) -> str | None:
    """A heading as somebody would ask it, None if it could stand over any article."""
    said = _TELLING_HEADING.sub("", " ".join((heading or "").split()), count=1).strip(" .:-–")
    return said if 6 <= len(said) <= 60 and fold(said) not in _EMPTY_HEADINGS else None


def _numbers(catalogue: Catalogue, gone: str) -> tuple[str, ...]:
    rows: Sequence[tuple[str, str]] = [
        (str(row["chamber"]), str(row["case_number"]))
        for row in catalogue.rows(
            "SELECT json_extract(metadata, '$.chamber') AS chamber, case_number FROM documents "
            f"WHERE {_SHOWN} AND chamber NOT NULL AND case_number NOT NULL "
            "ORDER BY date(json_extract(metadata, '$.date')) DESC, id LIMIT 2",
            gone,
        )
    ]
    return tuple(f"{chamber_abbreviation(calm(chamber))} {number}" for chamber, number in rows)
