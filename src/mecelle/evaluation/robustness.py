"""The same questions and texts in damaged forms, and what a model loses by them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from mecelle.base.seeds import derive
from mecelle.evaluation.compare import compare
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.definition import Data, LabelledData, RetrievalData, draw
from mecelle.text.perturbation import PERTURBATIONS

FORMS = tuple(PERTURBATIONS)


def perturbed(data: Data, form: str, *, most: int, seed: int) -> tuple[Data, int] | None:
    """At most `most` queries (or test texts) of a task in another form, and how many of them changed at all.

    Documents and training texts stay. None for tasks without queries or labels, and where nothing changes.
    """
    change = PERTURBATIONS[form]
    if isinstance(data, RetrievalData):
        return _queries(data, change, most, seed)
    if isinstance(data, LabelledData):
        return _texts(data, change, most, seed)
    return None


def columns(base: TaskRecord, others: Mapping[str, TaskRecord], *, seed: int) -> dict[str, float]:
    """For each form: the score, what is lost against the plain form on the same units, and its 95% interval.

    Units that share a cluster (sentences of one decision) are drawn together.
    """
    plain = dict(zip(base.ids, base.values, strict=True))
    found: dict[str, float] = {}
    for form, record in others.items():
        before = [plain[identifier] for identifier in record.ids]
        clusters = record.clusters or None
        loss = compare(before, record.values, clusters=clusters, seed=derive(seed, "robustness", base.task, form))
        found |= {
            f"{form}": record.score,
            f"{form} loss": loss.difference,
            f"{form} loss low": loss.low,
            f"{form} loss high": loss.high,
            f"{form} loss p": loss.p,
            f"{form} changed": record.scores["changed share"],
        }
    return found


def _queries(
    data: RetrievalData, change: Callable[[str, int], str], most: int, seed: int
) -> tuple[RetrievalData, int] | None:
    chosen = draw(sorted(data.queries), most, seed=seed, name="perturbed")
    queries = {key: change(data.queries[key], seed) for key in chosen}
    changed = sum(queries[key] != data.queries[key] for key in chosen)
    gold = {key: data.gold[key] for key in chosen}
    clusters = {key: data.clusters[key] for key in chosen if key in data.clusters}
    return (replace(data, queries=queries, gold=gold, clusters=clusters), changed) if changed else None


def _texts(
    data: LabelledData, change: Callable[[str, int], str], most: int, seed: int
) -> tuple[LabelledData, int] | None:
    chosen = draw(data.test, most, seed=seed, name="perturbed")
    test = [(key, change(text, seed), label) for key, text, label in chosen]
    changed = sum(new != old for (_, new, _), (_, old, _) in zip(test, chosen, strict=True))
    return (replace(data, test=test), changed) if changed else None
