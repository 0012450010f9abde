"""Legal retrieval around decisions (karar): by their summary, and from what they argue to the article they cite.

Example (cited_articles): "... ilgili madde uyarınca manevi tazminat ..." -> {"6098:m56"}.
"""

from collections.abc import Iterator

from mecelle.evaluation.tasks.definition import Caps, LocalTask, RetrievalData, Source, draw, pool, register
from mecelle.evaluation.tasks.local.statutes import ARTICLES, POOL, articles
from mecelle.text.casing import fold
from mecelle.text.citations import Citation, article_of, find_citations
from mecelle.text.sentences import sentence_spans
from mecelle.text.words import words

DECISIONS = "legal/decisions.jsonl.gz"
MASK = "ilgili madde"
"""Stands where an article or act was cited, so that its number does not give the answer away."""
MOST_OF_A_DECISION = 4
OTHERS = 500
"""Decisions of other chambers beside those that a summary is mistaken for."""
LEAST_WORDS = 12
"""Shorter sentences say what is cited, and not why."""


def _read_summaries(source: Source, caps: Caps, seed: int) -> RetrievalData:
    scored = set(source.scored().decisions["test"])
    rows = source.rows(DECISIONS)
    summarised = [row for row in rows if row["id"] in scored and row.get("summary")]
    chosen = draw(summarised, caps.queries, seed=seed, name="decision_summaries")
    queries = {f"summary of {row['id']}": row["summary"] for row in chosen}
    gold = {f"summary of {row['id']}": frozenset({row["id"]}) for row in chosen}
    # Decisions of the same chamber are what a summary is mistaken for: all of them are in the collection.
    alike = {(row["court"], row["chamber"]) for row in chosen}
    near = {row["id"]: row["text"] for row in rows if (row["court"], row["chamber"]) in alike}
    texts = near | pool({row["id"]: row["text"] for row in rows}, gold, OTHERS, seed=seed, name="decisions")
    return RetrievalData(queries, pool(texts, gold, caps.documents, seed=seed, name="decisions"), gold)


def _read_cited(source: Source, caps: Caps, seed: int) -> RetrievalData:
    everything = articles(source)
    by_key = {fold(identifier): identifier for identifier in everything}
    scored = set(source.scored().decisions["test"])
    queries: dict[str, str] = {}
    gold: dict[str, frozenset[str]] = {}
    clusters: dict[str, str] = {}
    for row in source.rows(DECISIONS):
        if row["id"] not in scored:
            continue
        found = list(_arguments(row["text"], row.get("date"), by_key))
        for place, (text, cited) in enumerate(draw(found, MOST_OF_A_DECISION, seed=seed, name=row["id"])):
            key = f"{row['id']} {place}"
            queries[key], gold[key], clusters[key] = text, cited, row["id"]
    chosen = draw(sorted(queries), caps.queries, seed=seed, name="cited_articles")
    answers = {key: gold[key] for key in chosen}
    documents = pool(everything, answers, caps.documents, seed=seed, name=POOL)
    return RetrievalData(
        {key: queries[key] for key in chosen}, documents, answers, {key: clusters[key] for key in chosen}
    )


def _arguments(text: str, date: str | None, by_key: dict[str, str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Sentences that cite articles at hand, with every citation masked, and these articles."""
    citations = find_citations(text, date=date)
    seen: set[str] = set()
    for start, end in sentence_spans(text):
        inside = [one for one in citations if start <= one.start and one.end <= end]
        keys = [article_of(key) for one in inside if one.kind == "article" for key in one.normalised]
        cited = frozenset(by_key[key] for key in keys if key in by_key)
        masked = _masked(text, start, end, inside)
        if cited and masked not in seen and len(words(masked)) >= LEAST_WORDS:
            seen.add(masked)
            yield masked, cited


def _masked(text: str, start: int, end: int, citations: list[Citation]) -> str:
    parts, at = [], start
    for citation in citations:
        parts += [text[at : citation.start], MASK]
        at = citation.end
    return " ".join("".join([*parts, text[at:end]]).split())


register(
    LocalTask(
        "decision_summaries.v1",
        "legal retrieval",
        "Which decision does a summary tell of? (Yargıtay 4. HD)",
        (DECISIONS,),
        _read_summaries,
        by_splits=True,
        stands_for="caselaw",
        notes=("Decisions of one chamber, on insurance and traffic.",),
    )
)
register(
    LocalTask(
        "cited_articles.v1",
        "legal retrieval",
        "Which article does a sentence of a decision cite, the citation being masked?",
        (DECISIONS, ARTICLES),
        _read_cited,
        by_splits=True,
        notes=("Citations are found by the grammar of mecelle.text.citations: a silver standard.",),
    )
)
