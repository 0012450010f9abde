"""What several records of efficiency say together: points, the Pareto front, production scores, a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import mean
from typing import Any

from matplotlib.figure import Figure

from mecelle.base import drawing
from mecelle.evaluation.efficiency.pareto import front
from mecelle.evaluation.efficiency.production import Facts, Reading, production_scores
from mecelle.evaluation.efficiency.run import MAIN, TASK
from mecelle.evaluation.record import TaskRecord

_COLOURS = (drawing.BLUE, drawing.RED, drawing.GREEN, drawing.GOLD, drawing.INK, drawing.SOFT)


@dataclass(frozen=True)
class Point:
    """One model in one variant."""

    model: str
    variant: str
    quality: float
    """nDCG@10 where the queries have answers, else recall against exact search."""
    measure: str
    """Which of the two."""
    recall: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bytes_per_vector: float
    resident_mib: float
    disk_mib: float
    graph_seconds: float
    seconds_per_batch: float
    on_front: bool = False
    """Nothing is at least as good in quality, p95 and bytes per vector, and better in one."""


def points(records: Sequence[TaskRecord]) -> list[Point]:
    """All variants of all records, with the front: of all models by nDCG@10, else of each model by recall."""
    found = [
        _point(record, name.removeprefix(f"{MAIN} | "))
        for record in records
        if record.task == TASK
        for name in record.scores
        if name.startswith(f"{MAIN} | ")
    ]
    if any(point.measure == "recall" for point in found):
        # Each recall is against a model's own exact search: models do not compare, and an nDCG and a recall do not.
        found = [replace(point, quality=point.recall, measure="recall") for point in found]
        groups = [[point for point in found if point.model == model] for model in dict.fromkeys(p.model for p in found)]
        return [point for group in groups for point in _with_front(group)]
    return _with_front(found)


def _with_front(found: Sequence[Point]) -> list[Point]:
    respects = [(point.quality, point.p95_ms, point.bytes_per_vector) for point in found]
    kept = front(respects, higher_is_better=(True, False, False))
    return [replace(point, on_front=bool(best)) for point, best in zip(found, kept, strict=True)]


def production_table(records: Sequence[TaskRecord]) -> tuple[dict[str, dict[Reading, float]], dict[str, str]]:
    """Production efficiency of every model whose facts are known, and for the others what is missing.

    records: all of a results folder. Legal and retrieval are means of the records of those kinds, over the tasks that
    all models with such records have.
    """
    legal, retrieval = _shared_means(records, "legal retrieval"), _shared_means(records, "retrieval")
    facts: dict[str, Facts] = {}
    missing: dict[str, str] = {}
    for record in (record for record in records if record.task == TASK):
        known = _known(record, legal.get(record.model), retrieval.get(record.model))
        absent = [name.replace("_", " ") for name, value in known.items() if not value]
        if absent:
            missing[record.model] = ", ".join(absent)
        else:
            facts[record.model] = Facts(**{name: value or 0.0 for name, value in known.items()})
    readings: tuple[Reading, ...] = ("described", "printed") if facts else ()
    columns = {reading: production_scores(list(facts.values()), reading=reading).tolist() for reading in readings}
    table = {model: {reading: columns[reading][row] for reading in readings} for row, model in enumerate(facts)}
    return table, missing


def plot(found: Sequence[Point]) -> str:
    """Quality against p95 latency as SVG, bubbles by bytes per vector; filled ones are on the front."""
    models = list(dict.fromkeys(point.model for point in found))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, model in enumerate(models):
            own = [point for point in found if point.model == model]
            colour = _COLOURS[number % len(_COLOURS)]
            axes.scatter(
                [point.p95_ms for point in own],
                [point.quality for point in own],
                s=[20 + point.bytes_per_vector / 8 for point in own],
                facecolors=[colour if point.on_front else "none" for point in own],
                edgecolors=colour,
                label=model,
            )
        axes.set_xscale("log")
        axes.set_xlabel("p95 of a search, ms (one query at a time)")
        axes.set_ylabel(found[0].measure if found else "quality")
        axes.legend(frameon=False)

    return drawing.svg(draw, width=6.4, height=4.0)


def rows(found: Sequence[Point]) -> list[dict[str, Any]]:
    """The points as plain values, for a file."""
    return [asdict(point) for point in found]


def _point(record: TaskRecord, variant: str) -> Point:
    figures: Mapping[str, float] = {
        name.removesuffix(f" | {variant}"): value
        for name, value in record.scores.items()
        if name.endswith(f" | {variant}")
    }
    return Point(
        model=record.model,
        variant=variant,
        quality=figures.get("ndcg@10", figures[MAIN]),
        measure="nDCG@10" if "ndcg@10" in figures else "recall",
        recall=figures[MAIN],
        p50_ms=figures["p50 ms"],
        p95_ms=figures["p95 ms"],
        p99_ms=figures["p99 ms"],
        bytes_per_vector=figures["bytes per vector"],
        resident_mib=figures["resident MiB"],
        disk_mib=figures["disk MiB"],
        graph_seconds=figures["graph seconds"],
        seconds_per_batch=figures["seconds per batch"],
    )


def _known(record: TaskRecord, legal: float | None, retrieval: float | None) -> dict[str, float | None]:
    """The fields of `Facts`, None where nothing tells them."""
    dimension = record.scores["dimension"]
    batch_seconds = record.scores.get(f"seconds per batch | {int(dimension)} int8")
    return {
        "legal": legal,
        "retrieval": retrieval,
        "max_length": record.scores.get("max length"),
        "parameters": record.scores.get("parameters"),
        "dimension": dimension,
        "seconds_per_100": batch_seconds and batch_seconds * 100 / record.parameters["batch"],
    }


def _shared_means(records: Sequence[TaskRecord], kind: str) -> dict[str, float]:
    """Model -> mean main score over the tasks of `kind` that all models with any of them have."""
    scored: dict[str, dict[str, float]] = {}
    for record in records:
        if record.kind == kind:
            scored.setdefault(record.model, {})[record.task] = record.score
    if not scored:
        return {}
    common = set.intersection(*(set(tasks) for tasks in scored.values()))
    return {model: mean(tasks[task] for task in sorted(common)) for model, tasks in scored.items()} if common else {}
