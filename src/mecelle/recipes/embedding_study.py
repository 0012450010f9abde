"""Trainings of one encoder that differ in one thing, compared unit by unit: losses, orders, batches, kinds of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mecelle.base.seeds import derive
from mecelle.embedding.pairs.record import read_held_out
from mecelle.embedding.stages.chain import Step, train_chain
from mecelle.evaluation.contestants import contestants
from mecelle.evaluation.run import Setting, evaluate
from mecelle.evaluation.statistics.bootstrap import interval
from mecelle.evaluation.statistics.tables import compare_many
from mecelle.evaluation.tasks.definition import LocalTask
from mecelle.evaluation.vectors import Vectors
from mecelle.models.names import load_encoder
from mecelle.recipes.forgetting import unit_values

Floats = NDArray[np.float64]
Values = dict[str, dict[str, list[Floats]]]
"""Measure -> arm -> the values of all units, once for each seed."""


@dataclass(frozen=True)
class Arm:
    """One way to train."""

    name: str
    steps: tuple[Step, ...]


def train_arms(
    base: Path | str, arms: Sequence[Arm], seeds: Sequence[int], out: Path
) -> dict[tuple[str, int], dict[str, Path]]:
    """Train all arms with all seeds; (arm, seed) -> its stages. What is there is taken: a killed study goes on."""
    return {
        (arm.name, seed): train_chain(
            base, arm.steps, out / arm.name / str(seed), seed=seed, work=out / "work" / arm.name / str(seed)
        )
        for seed in seeds  # all arms with the first seed come first: a study that is cut short compares them all
        for arm in arms
    }


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
                found.setdefault(f"{name} {measure}", {}).setdefault(arm, []).append(values)
    return found


def score_tasks(models: Mapping[tuple[str, int], Path], tasks: Sequence[LocalTask], setting: Setting) -> Values:
    """Every model on tasks of the evaluation suites; records are kept in `setting.out` and taken from there."""
    if not tasks:
        return {}
    places = [f"{arm}-{seed}={place}" for (arm, seed), place in models.items()]
    entered = contestants(places, seed=setting.seed, max_length=None, memory=setting.cache)
    arm_of = {one.name: arm for one, (arm, _) in zip(entered, models, strict=True)}
    found: Values = {}
    for record in evaluate(entered, tasks, setting):
        values = np.asarray(record.values, dtype=np.float64)
        measure = f"{record.task} {record.main_score}"
        found.setdefault(measure, {}).setdefault(arm_of[record.model], []).append(values)
    return found


def rows(values: Values, *, baseline: str, seed: int) -> list[dict[str, Any]]:
    """A row for each measure and arm: mean with interval over units, spread over seeds, difference from the baseline.

    A unit's values are averaged over the seeds before they are compared; p values are Holm-corrected within a measure.
    """
    made = []
    for measure, of_arms in values.items():
        means = {arm: np.mean(found, axis=0) for arm, found in of_arms.items()}
        drawn = derive(seed, measure)
        against = compare_many(means, [baseline], seed=drawn)[baseline] if baseline in means else {}
        for arm, units in means.items():
            by_seed = [float(found.mean()) for found in of_arms[arm]]
            score = interval(units, seed=drawn).model_dump()
            change = against[arm].model_dump() if arm in against else None
            made.append({"measure": measure, "arm": arm, **score, "by_seed": by_seed, "against_baseline": change})
    return made


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
