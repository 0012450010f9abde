"""What of a task's data the training text held: the questions themselves, and the passages that answer them.

A passage that is searched may be seen unlabelled; a question that was seen is a leak. Scores are told without the one
and without the other.
"""

from collections.abc import Collection, Iterator

import numpy as np

from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.definition import Data, GroupedData, LabelledData, PairData, RetrievalData

ASKED, ANSWER = "asked", "answer"


def items_of(task: str, data: Data) -> dict[str, str]:
    """Key -> text of everything of a task that training text is searched for: what is asked, and what answers it."""
    return {_key(task, *place): text for place, text in _texts(data)}


def columns(record: TaskRecord, data: Data, touched: Collection[str]) -> dict[str, float]:
    """Scores of a record without the units that stand in the training text.

    touched: keys of `items_of` that it holds. `n.touched` counts units whose own text it holds (of a clustering:
    texts), `<main score>.untouched` is the mean over the others; of retrieval also `n.answer_seen`, queries of whose
    answers it holds one, and `<main score>.answer_unseen`. A mean over no unit is left out.
    """
    held = {place for place, _ in _texts(data) if _key(record.task, *place) in touched}
    if isinstance(data, GroupedData):
        return {"n.touched": float(len(held)), "n.untouched": float(len(data.rows) - len(held))}
    asked = {unit for side, unit in held if side == ASKED}
    told = _without(record, asked, "touched", "untouched")
    if isinstance(data, RetrievalData):
        answers = {unit for side, unit in held if side == ANSWER}
        seen = {query for query, gold in data.gold.items() if not gold.isdisjoint(answers)}
        told |= _without(record, seen, "answer_seen", "answer_unseen")
    return told


def _without(record: TaskRecord, units: Collection[str], inside: str, outside: str) -> dict[str, float]:
    kept = [value for name, value in zip(record.ids, record.values, strict=True) if name not in units]
    told = {f"n.{inside}": float(record.n - len(kept)), f"n.{outside}": float(len(kept))}
    return told | ({f"{record.main_score}.{outside}": float(np.mean(kept))} if kept else {})


def _texts(data: Data) -> Iterator[tuple[tuple[str, str], str]]:
    """(side, unit) and text; the two texts of a pair as one."""
    if isinstance(data, RetrievalData):
        yield from (((ASKED, query), text) for query, text in data.queries.items())
        wanted = {one for gold in data.gold.values() for one in gold}
        yield from (((ANSWER, one), text) for one, text in data.documents.items() if one in wanted)
    elif isinstance(data, LabelledData):
        yield from (((ASKED, name), text) for name, text, _ in data.test)
    elif isinstance(data, PairData):
        yield from (((ASKED, name), f"{left} {right}") for name, left, right, _ in data.rows)
    else:
        yield from (((ASKED, str(place)), text) for place, (text, _) in enumerate(data.rows))


def _key(task: str, side: str, unit: str) -> str:
    return f"{task}\x1f{side}\x1f{unit}"
