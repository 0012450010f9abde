"""Retrieval sets in BEIR's form on the hub (corpus, queries, qrels) that mteb does not list."""

from typing import TYPE_CHECKING, Any

from datasets import load_dataset
from mteb.abstasks.task_metadata import TaskMetadata

from mecelle.evaluation.tasks.as_mteb import LocalRetrieval, with_metadata
from mecelle.evaluation.tasks.definition import RetrievalData

if TYPE_CHECKING:
    from mteb.abstasks import AbsTask

    from mecelle.evaluation.tasks.hub import HubTask


def load_beir(task: "HubTask", *, seed: int) -> "AbsTask":
    """An mteb task over `task.dataset`. Raises what `datasets` raises where it cannot be had."""
    assert task.dataset is not None
    corpus, queries = (load_dataset(task.dataset, name, split=name) for name in ("corpus", "queries"))
    relevance = load_dataset(task.qrels or task.dataset, split=task.split)
    gold: dict[str, set[str]] = {}
    for row in relevance:
        if row["score"] > 0:
            gold.setdefault(str(row["query-id"]), set()).add(str(row["corpus-id"]))
    data = RetrievalData(
        queries={str(row["_id"]): row["text"] for row in queries if str(row["_id"]) in gold},
        documents={str(row["_id"]): _whole(row) for row in corpus},
        gold={query: frozenset(members) for query, members in gold.items()},
    )
    metadata = TaskMetadata(
        name=task.name,
        description=f"Retrieval over {task.dataset}.",
        type="Retrieval",
        category="t2t",
        dataset={"path": task.dataset, "revision": "main"},
        eval_splits=["test"],
        eval_langs=[f"{task.language}-Latn"],
        main_score="ndcg_at_10",
    )
    return with_metadata(LocalRetrieval, metadata, data, seed=seed)


def _whole(row: dict[str, Any]) -> str:
    return f"{row['title']}\n{row['text']}" if row.get("title") else str(row["text"])
