"""Named sets of tasks: what `mecelle evaluate mteb-turkish` and `mecelle evaluate legal` run."""

from collections.abc import Mapping, Sequence
from typing import Literal

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError
from mecelle.evaluation.tasks.definition import TASKS, LocalTask
from mecelle.evaluation.tasks.hub import MLEB_ENGLISH, MTEB_TURKISH, SCIFACT_TR, HubTask

Suite = Literal["mteb-turkish", "legal"]
LEGAL = "legal retrieval"

MTEB_TURKISH_LOCAL = (
    "offensive.v1", "movie.v1", "product.v1", "intent_atis.v1", "intent_xsid.v1", "topic_sib200.v1",
    "tquad.v1", "xquad.v1", "tsquad.v1", "ottoman.v1", "snli.v1", "news_1150.v1", "stsb.v1",
)  # fmt: skip
"""Stand-ins for the 14 general tasks of MTEB-Turkish; one set fills both slots of pair classification."""

LEGAL_LOCAL = (
    "citizen_questions.v1", "decision_summaries.v1", "legal_answers.v1", "cited_articles.v1", "article_headings.v1",
    "exam_questions.v1",
)  # fmt: skip
"""The first three stand for regulation, caselaw and contracts."""

LOCAL: Mapping[Suite, tuple[str, ...]] = {
    "mteb-turkish": (*MTEB_TURKISH_LOCAL, *LEGAL_LOCAL[:3]),
    "legal": LEGAL_LOCAL,
}
HUB: Mapping[Suite, tuple[HubTask, ...]] = {
    "mteb-turkish": (*MTEB_TURKISH, SCIFACT_TR),
    "legal": (*(task for task in MTEB_TURKISH if task.kind == LEGAL), *MLEB_ENGLISH),
}


def suite(name: Suite, *, hub: bool, only: Sequence[str] = ()) -> list[LocalTask | HubTask]:
    """The tasks of a suite. only: some of them by name, with or without version; also spare ones, which no suite runs
    by itself.

    Raises ConfigError for a name that no task has, or that another suite has.
    """
    if hub:
        by_name = {task.name: task for task in HUB[name]}
        return [by_name[task] for task in _full(only, list(by_name))] or list(by_name.values())
    chosen = _full(only, TASKS.names())
    for task in chosen:
        if task not in (known := [*LOCAL[name], *spare(name)]):
            other = next(other for other in LOCAL if task in (*LOCAL[other], *spare(other)))
            raise ConfigError(
                f"task '{task}' is not of the suite {name}: `mecelle evaluate {other} --task {task}` runs it. "
                f"Allowed: {', '.join(known)}"
            )
    return [TASKS.get(task) for task in chosen or LOCAL[name]]


def spare(name: Suite) -> list[str]:
    """Local tasks of the suite's kinds that no suite runs by itself."""
    listed = {task for tasks in LOCAL.values() for task in tasks}
    legal = name == "legal"
    return [task for task in TASKS.names() if task not in listed and (TASKS.get(task).kind == LEGAL) == legal]


def _full(only: Sequence[str], known: Sequence[str]) -> list[str]:
    """Names with their version. Raises ConfigError that offers the nearest one."""
    full = {short: task for task in known for short in (task, task.rpartition(".")[0])}
    unknown = [task for task in only if task not in full]
    if unknown:
        raise ConfigError(f"task '{unknown[0]}' is not known{nearest(unknown[0], list(known))}")
    return [full[task] for task in only]
