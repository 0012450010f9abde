"""Legal retrieval of articles (madde): from a citizen's question, an exam question, or an article's own heading.

Example (citizen_questions): "Kiracı kirayı ödemezse ev sahibi ne yapabilir?" -> {"6098:m315"}.
"""

from collections import Counter
from typing import Any

from mecelle.evaluation.tasks.definition import Caps, LocalTask, RetrievalData, Source, draw, pool, register
from mecelle.text.casing import fold
from mecelle.text.words import words

ARTICLES, QUESTIONS, EXAM = "legal/statute_articles.jsonl.gz", "legal/retrieval_statutes.jsonl.gz", "legal/mcq.jsonl.gz"

POOL = "articles"
"""All tasks of this family draw the same articles, whose vectors are then computed once."""
LEAST_HEADING_WORDS = 2


def articles(source: Source, *, wanted: frozenset[str] = frozenset(), heading: bool = True) -> dict[str, str]:
    """Articles in force by id, heading before text; repealed ones only where a query wants them."""
    return {
        row["id"]: f"{row['heading']}\n{row['text']}" if heading and row["heading"] else row["text"]
        for row in source.rows(ARTICLES)
        if not row["repealed"] or row["id"] in wanted
    }


def _assemble(
    queries: dict[str, str], gold: dict[str, frozenset[str]], source: Source, caps: Caps, seed: int
) -> RetrievalData:
    everything = articles(source, wanted=frozenset(one for members in gold.values() for one in members))
    found = {key: members & everything.keys() for key, members in gold.items()}
    kept = {key: text for key, text in queries.items() if found[key]}
    # What the collection lacks cannot be found, and counts as missed.
    answers = {key: gold[key] for key in kept}
    documents = pool(everything, {k: found[k] for k in kept}, caps.documents, seed=seed, name=POOL)
    return RetrievalData(kept, documents, answers)


def _read_citizens(source: Source, caps: Caps, seed: int) -> RetrievalData:
    scored = set(source.scored().questions["test"])
    rows = [row for row in source.rows(QUESTIONS) if row["id"] in scored]
    rows = draw(rows, caps.queries, seed=seed, name="citizen_questions")
    queries = {row["id"]: row["query"] for row in rows}
    return _assemble(queries, {row["id"]: frozenset(row["gold"]) for row in rows}, source, caps, seed)


def _read_exam(source: Source, caps: Caps, seed: int) -> RetrievalData:
    rows = [row for row in source.rows(EXAM) if row["gold_articles"]]
    rows = draw(rows, caps.queries, seed=seed, name="exam_questions")
    queries = {row["id"]: row["question"] for row in rows}
    return _assemble(queries, {row["id"]: frozenset(row["gold_articles"]) for row in rows}, source, caps, seed)


def _read_headings(source: Source, caps: Caps, seed: int) -> RetrievalData:
    """Headings that one article alone has; the documents are without their headings."""
    rows = [row for row in source.rows(ARTICLES) if row["heading"] and not row["repealed"]]
    times = Counter(fold(row["heading"]) for row in rows)
    usable = [row for row in rows if times[fold(row["heading"])] == 1 and _is_heading(row)]
    chosen = draw(usable, caps.queries, seed=seed, name="article_headings")
    queries = {f"heading of {row['id']}": row["heading"] for row in chosen}
    gold = {f"heading of {row['id']}": frozenset({row["id"]}) for row in chosen}
    texts = articles(source, heading=False)
    return RetrievalData(queries, pool(texts, gold, caps.documents, seed=seed, name=POOL), gold)


def _is_heading(row: Any) -> bool:
    """Two words and more, and no gazette line ("Yayımlandığı Düstur: Tertip 5 ...")."""
    return len(words(row["heading"])) >= LEAST_HEADING_WORDS and not any(c.isdigit() for c in row["heading"])


register(
    LocalTask(
        "citizen_questions.v1",
        "legal retrieval",
        "Which article answers a citizen's question?",
        (QUESTIONS, ARTICLES),
        _read_citizens,
        by_splits=True,
        stands_for="regulation",
    )
)
register(
    LocalTask(
        "exam_questions.v1",
        "legal retrieval",
        "Which article decides a multiple-choice question of a law exam?",
        (EXAM, ARTICLES),
        _read_exam,
        split="all",
        notes=("Questions are written by a language model and not checked by lawyers.",),
    )
)
register(
    LocalTask(
        "article_headings.v1",
        "legal retrieval",
        "Which article has this heading?",
        (ARTICLES,),
        _read_headings,
        split="all",
        notes=("A silver standard. Models trained on pairs of heading and article have seen most of them.",),
    )
)
