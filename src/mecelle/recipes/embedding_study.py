"""Trainings of one encoder that differ in one thing, compared unit by unit: losses, orders, batches, kinds of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.artifacts import is_artifact
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive
from mecelle.embedding.config import STAGE
from mecelle.embedding.pairs.record import read_held_out
from mecelle.embedding.stages.chain import Step, stage_folders, train_chain
from mecelle.evaluation.contestants import contestants
from mecelle.evaluation.differences import check_same, compare_trainings
from mecelle.evaluation.intervals import trainings_interval
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.run import Setting, evaluate
from mecelle.evaluation.statistics.tables import holm
from mecelle.evaluation.tasks.definition import LocalTask
from mecelle.evaluation.vectors import Vectors
from mecelle.models.names import load_encoder
from mecelle.recipes.forgetting import unit_values

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arm:
    """One way to train."""

    name: str
    steps: tuple[Step, ...]
    base: Path | str | None = None
    """Encoder to begin with; None: that of the study."""


@dataclass(frozen=True)
class Scored:
    """One training by one measure."""

    values: Floats
    """Of all units; those of all trainings in one order."""
    score: float
    """What tables print: not always the mean of the values."""
    clusters: tuple[str, ...] = ()
    """Of each unit, where units come in groups."""


Values = dict[str, dict[str, list[Scored]]]
"""Measure -> arm -> its trainings, one for each seed."""


def train_arms(
    base: Path | str, arms: Sequence[Arm], seeds: Sequence[int], out: Path
) -> dict[tuple[str, int], dict[str, Path]]:
    """Train all arms with all seeds; (arm, seed) -> its stages. What is there is taken: a killed study goes on."""
    return {
        (arm.name, seed): train_chain(
            arm.base or base, arm.steps, out / arm.name / str(seed), seed=seed, work=out / "work" / arm.name / str(seed)
        )
        for seed in seeds  # all arms with the first seed come first: a study that is cut short compares them all
        for arm in arms
    }


def trained_arms(arms: Sequence[Arm], seeds: Sequence[int], out: Path) -> dict[tuple[str, int], dict[str, Path]]:
    """What `train_arms` left in `out` and is finished, whichever version and base made it: nothing is trained.

    Raises InputError if no training of these arms and seeds is there.
    """
    places = {(arm.name, seed): stage_folders(arm.steps, out / arm.name / str(seed)) for seed in seeds for arm in arms}
    found = {
        key: stages for key, stages in places.items() if all(is_artifact(one, stage=STAGE) for one in stages.values())
    }
    if not found:
        told = ", ".join(f"{name}/{seed}" for name, seed in places)
        raise InputError(f"{out}: no finished training in it; looked for {told}; train first")
    return found


def score_held_out(
    models: Mapping[tuple[str, int], Path], sets: Mapping[str, Path], *, cache: Path | None = None
) -> Values:
    """Every model, at the length that it was trained with, on the held-out pairs of `sets` (name -> pairs)."""
    held = {name: read_held_out(path) for name, path in sets.items()}
    found: Values = {}
    for (arm, _), place in models.items():
        vectors = Vectors(load_encoder(place), cache)
        for name, pairs in held.items():
            for measure, values in unit_values(vectors, pairs).items():
                scored = Scored(values, float(values.mean()))
                found.setdefault(f"{name} {measure}", {}).setdefault(arm, []).append(scored)
    return found


def score_tasks(models: Mapping[tuple[str, int], Path], tasks: Sequence[LocalTask], setting: Setting) -> Values:
    """Every model on tasks of the evaluation suites; records are kept in `setting.out` and taken from there.

    Raises MismatchError if records of one task cannot be compared unit by unit.
    """
    if not tasks:
        return {}
    places = [f"{arm}-{seed}={place}" for (arm, seed), place in models.items()]
    entered = contestants(places, seed=setting.seed, max_length=None, memory=setting.cache)
    arm_of = {one.name: arm for one, (arm, _) in zip(entered, models, strict=True)}
    found: Values = {}
    first: dict[str, TaskRecord] = {}
    for record in evaluate(entered, tasks, setting):
        measure = f"{record.task} {record.main_score}"
        like = first.setdefault(record.task, record)
        check_same(like, record)
        values = np.asarray(record.values_of(like.ids), dtype=np.float64)
        scored = Scored(values, record.score, like.clusters)
        found.setdefault(measure, {}).setdefault(arm_of[record.model], []).append(scored)
    return found


def rows(values: Values, *, baseline: str, seed: int) -> list[dict[str, Any]]:
    """A row for each measure and arm: score with interval, the score of each seed, difference from the baseline.

    Intervals and p values are over units and over seeds, where an arm was trained with several: two trainings of one
    arm differ, too. p values are Holm-corrected within a measure.
    """
    made = []
    for measure, of_arms in values.items():
        drawn = derive(seed, measure)
        against = _against(of_arms, baseline, drawn) if baseline in of_arms else {}
        for arm, found in of_arms.items():
            by_seed = [one.score for one in found]
            score = trainings_interval(
                [one.values for one in found], score=float(np.mean(by_seed)), clusters=found[0].clusters, seed=drawn
            )
            made.append(
                {
                    "measure": measure,
                    "arm": arm,
                    **score.model_dump(),
                    "by_seed": by_seed,
                    "against_baseline": against.get(arm),
                }
            )
    return made


def _against(of_arms: Mapping[str, Sequence[Scored]], baseline: str, seed: int) -> dict[str, dict[str, Any]]:
    """Arm -> its difference from the baseline, with the test that was made."""
    compared = {
        arm: compare_trainings(
            [one.values for one in found],
            [one.values for one in of_arms[baseline]],
            clusters=found[0].clusters,
            seed=seed,
        )
        for arm, found in of_arms.items()
        if arm != baseline
    }
    corrected = holm([comparison.p for comparison, _ in compared.values()])
    return {
        arm: comparison.model_dump() | {"p_holm": p, "test": test}
        for (arm, (comparison, test)), p in zip(compared.items(), corrected, strict=True)
    }


def table(found: Sequence[Mapping[str, Any]], *, baseline: str) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"| measure | arm | n | score | each seed | against {baseline} | p (Holm) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        change = row["against_baseline"]
        told = f"{change['difference']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]" if change else ""
        p = f"{change['p_holm']:.3f}" if change else ""
        seeds = ", ".join(f"{score:.3f}" for score in row["by_seed"])
        score = f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        lines.append(f"| {row['measure']} | {row['arm']} | {row['n']:,} | {score} | {seeds} | {told} | {p} |")
    return "\n".join(lines) + "\n"
