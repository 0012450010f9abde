"""Legal retrieval of answers: which of all answers belongs to a question?

Example: "Davayı yanlış kişiye açtığımı fark edersem ...?" -> "Maddi hatadan kaynaklanan ... taraf değişikliği ...".
"""

from mecelle.base.document import content_hash
from mecelle.evaluation.tasks.definition import Caps, LocalTask, RetrievalData, Source, draw, pool, register

FILE = "legal/qa.jsonl.gz"


def _read(source: Source, caps: Caps, seed: int) -> RetrievalData:
    splits = source.scored()
    scored = set(splits.questions["test"])
    rows = source.rows(FILE)
    asked = {
        content_hash(row["question"]): row
        for row in rows
        # Only these are kept from all training: they copy a question of the test.
        if splits.qa_excluded.get(content_hash(row["question"])) in scored and row["answer"]
    }
    chosen = dict(draw(list(asked.items()), caps.queries, seed=seed, name="legal_answers"))
    answers = {content_hash(row["answer"])[:16]: row["answer"] for row in rows if row["answer"]}
    queries = {key[:16]: row["question"] for key, row in chosen.items()}
    gold = {key[:16]: frozenset({content_hash(row["answer"])[:16]}) for key, row in chosen.items()}
    return RetrievalData(queries, pool(answers, gold, caps.documents, seed=seed, name="answers"), gold)


register(
    LocalTask(
        "legal_answers.v1",
        "legal retrieval",
        "Which answer belongs to a legal question?",
        (FILE,),
        _read,
        by_splits=True,
        stands_for="contracts",
        notes=("No set of contracts is at hand. Some answers quote the words of the question.",),
    )
)
