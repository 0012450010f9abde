"""Retrieval of general text: a question and the passage that answers it, among the passages of its set.

Example (tquad): "el-Hasan b. Muhammed el-Vezzan Avrupa'da hangi adla bilinir?" -> a passage on the science of Islam.
"""

from mecelle.base.document import content_hash
from mecelle.evaluation.tasks.definition import Caps, LocalTask, RetrievalData, Source, draw, pool, register

FILE = "general/qa_retrieval.jsonl.gz"


def _task(name: str, domain: str, sides: tuple[str, ...], about: str, stands_for: str, *notes: str) -> LocalTask:
    def read(source: Source, caps: Caps, seed: int) -> RetrievalData:
        rows = [row for row in source.rows(FILE) if row["domain"].startswith(domain)]
        passages = {content_hash(row["context"])[:16]: row["context"] for row in rows}
        gold: dict[str, set[str]] = {}
        for row in rows:
            if row["split"] in sides:
                gold.setdefault(row["question"], set()).add(content_hash(row["context"])[:16])
        chosen = draw(sorted(gold), caps.queries, seed=seed, name=name)
        queries = {content_hash(question)[:16]: question for question in chosen}
        answers = {key: frozenset(gold[question]) for key, question in queries.items()}
        return RetrievalData(queries, pool(passages, answers, caps.documents, seed=seed, name=name), answers)

    return register(
        LocalTask(name, "retrieval", about, (FILE,), read, split="+".join(sides), stands_for=stands_for, notes=notes)
    )


OURS = "The paper names two of its four sets; this one is our choice."

_task("tquad.v1", "history of science", ("dev",), "Questions on the history of science.", "TurHistQuadRetrieval", OURS)
_task("xquad.v1", "Wikipedia, human translated", ("test",), "XQuAD in Turkish.", "XQuADRetrieval")
_task(
    "tsquad.v1",
    "Wikipedia, machine translated",
    ("dev",),
    "SQuAD in machine Turkish.",
    "WebFAQRetrieval",
    "WebFAQ is not at hand.",
    "The same questions as XQuAD in other words.",
)
_task("ottoman.v1", "Ottoman history", ("test",), "Questions on Ottoman history.", "fourth retrieval set", OURS)
_task(
    "university_rules.v1",
    "university regulations",
    ("dev", "test"),
    "Students' questions and the articles of university regulations.",
    "",
    "Lower-cased at the source. Spare: not one of the four slots.",
)
