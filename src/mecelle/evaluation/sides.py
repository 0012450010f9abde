"""Which queries choose the mode of search (development) and which are scored once (test)."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from mecelle.base.errors import InputError
from mecelle.base.seeds import generator
from mecelle.evaluation.splits import Splits
from mecelle.evaluation.tasks.retrieval import RetrievalTask

Sides = dict[str, list[str]]
"""Side -> ids of queries."""

LEAST_QUERIES = 2
"""One to choose by, one to score."""


def divide(task: RetrievalTask, splits: Path | None, *, seed: int) -> tuple[RetrievalTask, Sides]:
    """Development and test: by the file of splits, else half and half by the seed; and the task with these queries.

    Queries that the file does not know are dropped and counted. Raises InputError if it leaves a side empty, or if
    there are fewer than two queries.
    """
    if splits:
        sides = _known(task, splits)
        return _restricted(task, {query for members in sides.values() for query in members}), sides
    if len(task.queries) < LEAST_QUERIES:
        raise InputError(
            f"{task.name}: {len(task.queries)} queries; at least {LEAST_QUERIES} are needed, one to choose the mode of "
            "search by and one to score it. Give queries with gold documents, or more documents to make pairs from"
        )
    ids = sorted(task.queries)
    order = [ids[place] for place in generator(seed, "evaluation", "sides").permutation(len(ids))]
    half = len(order) // 2
    return task, {"development": sorted(order[:half]), "test": sorted(order[half:])}


def _known(task: RetrievalTask, splits: Path) -> Sides:
    questions = Splits.load(splits).questions
    sides = {
        side: [query for query in questions.get(side, ()) if query in task.queries] for side in ("development", "test")
    }
    if not all(sides.values()):
        found = ", ".join(f"{len(members)} for {side}" for side, members in sides.items())
        raise InputError(
            f"{splits}: of the {len(task.queries)} queries of {task.name}, {found}; each side needs one and more. Do "
            "the ids match? Leave the splits out to have the queries halved at random"
        )
    return sides


def _restricted(task: RetrievalTask, chosen: Collection[str]) -> RetrievalTask:
    strangers = len(task.queries) - len(chosen)
    if not strangers:
        return task
    accounts = task.accounts.model_copy(deep=True)
    accounts.seen -= strangers
    accounts.kept -= strangers
    accounts.drop("not_in_splits", strangers)
    return replace(
        task,
        queries={query: text for query, text in task.queries.items() if query in chosen},
        gold={query: documents for query, documents in task.gold.items() if query in chosen},
        groups={query: group for query, group in task.groups.items() if query in chosen},
        accounts=accounts,
    )
