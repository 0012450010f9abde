"""The first table: MTEB Score, Legal Score and the mean of each type, measured beside published."""

from collections.abc import Sequence

from mecelle.base.seeds import derive
from mecelle.evaluation.board.measured import OTHER_SCORE, groups_of
from mecelle.evaluation.board.view import Cell, Column, Row, Section
from mecelle.evaluation.means import LEGAL_TYPES, MEANS, MTEB_TYPES, UnitScores, ids_of, mean_score, unit_scores
from mecelle.evaluation.published.tables import published_table
from mecelle.evaluation.record import Kind, TaskRecord
from mecelle.evaluation.statistics.strata import mean_of_means, unit_shares
from mecelle.evaluation.statistics.tables import pairwise_p

TYPE_COLUMNS = {"classification": "Classification", "clustering": "Clustering",
    "pair classification": "Pair classification", "retrieval": "Retrieval", "sts": "STS"}  # fmt: skip
"""Type of task -> its column in the paper's tables."""


def overview(records: Sequence[TaskRecord], *, seed: int, resamples: int) -> Section:
    """Means of every model that was scored on all tasks of a mean; scores in percent, as the papers print them.

    records: one for each model and task, of comparable data. Means without a task here have no column.
    """
    means: dict[str, tuple[Kind, ...]] = {**MEANS, **{TYPE_COLUMNS[kind]: (kind,) for kind in MTEB_TYPES}}
    columns, cells = [], []
    for name, types in means.items():
        ids = ids_of(records, types)
        if not ids:
            continue
        columns.append(Column(name, n=f"{len(ids)} tasks here" if len(ids) != 1 else "1 task here"))
        cells.append(_cells(records, types, ids, seed=derive(seed, name), resamples=resamples))
    counted = {kind for types in (MTEB_TYPES, LEGAL_TYPES) for kind in types}
    models = sorted({record.model for record in records if record.kind in counted})
    rows = [Row(model, "measured", tuple(column.get(model) for column in cells)) for model in models]
    rows.sort(key=lambda row: [-cell.value if cell else 1.0 for cell in row.cells])
    columns = columns or [Column(name) for name in means]
    return Section("overview", tuple(columns), (*rows, *published_rows([column.name for column in columns])))


def published_rows(columns: Sequence[str]) -> list[Row]:
    """Rows of Mecellem's Table 22, and those that only Table 24 has, in these columns."""
    first, second = (published_table("Mecellem", number) for number in ("22", "24"))
    known = {row.name for row in first.rows}
    both = [(first, row) for row in first.rows] + [(second, row) for row in second.rows if row.name not in known]
    return [
        Row(
            row.name,
            "published",
            tuple(Cell(table.number(row.name, column)) for column in columns),
            origin=table.name,
            notes=row.notes,
        )
        for table, row in both
    ]


def _cells(
    records: Sequence[TaskRecord],
    types: Sequence[Kind],
    ids: dict[str, tuple[str, ...]],
    *,
    seed: int,
    resamples: int,
) -> dict[str, Cell]:
    scores: dict[str, UnitScores] = {}
    for model in sorted({record.model for record in records}):
        own = [record for record in records if record.model == model]
        if ids and (found := unit_scores(own, types, ids=ids)):
            scores[model] = found
    shares = {model: unit_shares(found) for model, found in scores.items()}
    groups = groups_of(
        {model: float(share.sum()) for model, share in shares.items()},
        pairwise_p(shares, seed=seed, resamples=resamples),
    )
    cells = {}
    for model, found in scores.items():
        mean = mean_of_means(found, seed=seed, resamples=resamples)
        score = mean_score([record for record in records if record.model == model], found)
        low, high = (score + end - mean.mean for end in (mean.low, mean.high))
        group = groups.get(model, "")
        notes = (OTHER_SCORE,) if abs(score - mean.mean) > 1e-6 else ()
        cells[model] = Cell(100 * score, 100 * low, 100 * high, group, "a" in group, notes=notes)
    return cells
