"""The sweep as a page of Markdown, the paper's figures beside ours."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from mecelle.corpus.sweeps.cells import Cell, Measures, cell


@cache
def published() -> dict[tuple[float, float], dict[str, float]]:
    """Mecellem's Table 26 by (suffix entropy, lemma diversity): reduction, tokens, mean_tokens, std_tokens."""
    text = files("mecelle.corpus.sweeps").joinpath("data", "mecellem_table_26.csv").read_text(encoding="utf-8")
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text.splitlines())]
    return {(row.pop("suffix_entropy"), row.pop("lemma_diversity")): row for row in rows}


def summary(
    cells: Sequence[Cell], kinds: Mapping[str, Measures], chosen: Cell, *, unit: str, window: int | None
) -> str:
    """The table of all cells, then what the chosen thresholds leave of each kind. unit: what a length is counted in."""
    whole = "of the whole text" if window is None else f"in stretches of {window} words (not the paper's)"
    place = f"SE ≥ {chosen.suffix_entropy:.2f}, LD ≥ {chosen.lemma_diversity:.2f}"
    return "\n".join(
        [
            "# Suffix entropy and lemma diversity",
            "",
            f"SE: normalised suffix entropy; LD: lemma diversity, {whole}; DR: documents that leave; RT: what remains, "
            f"in {unit}. Paper: Mecellem Table 26, of another corpus and in tokens of Qwen3-1.7B.",
            "",
            *_table(cells),
            "",
            f"## By kind, at {place}",
            "",
            *_kinds(kinds, chosen),
            "",
        ]
    )


def _table(cells: Sequence[Cell]) -> list[str]:
    lines = [
        "| SE | LD | documents | DR | RT | mean ± std | least / quartiles / most | paper: DR | RT | mean ± std |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {one.suffix_entropy:.2f} | {one.lemma_diversity:.2f} | {one.documents:,} | {one.reduction:.1%} | "
        f"{one.tokens:,} | {_lengths(one)} | {_paper(one)} |"
        for one in cells
    ]


def _paper(one: Cell) -> str:
    row = published().get((one.suffix_entropy, one.lemma_diversity))
    if row is None:
        return "- | - | -"
    return f"{row['reduction']:.1%} | {row['tokens']:,.0f} | {row['mean_tokens']:.0f} ± {row['std_tokens']:.0f}"


def _lengths(one: Cell) -> str:
    if one.mean is None:
        return "- | -"
    values = (one.least, one.quartile_1, one.median, one.quartile_3, one.most)
    return f"{one.mean:,.0f} ± {one.std:,.0f} | " + " / ".join(f"{value:,.0f}" for value in values)


def _kinds(kinds: Mapping[str, Measures], chosen: Cell) -> list[str]:
    lines = [
        "| kind | documents | SE: 10%, median, 90% | LD: 10%, median, 90% | stay | share of the length |",
        "|---|---|---|---|---|---|",
    ]
    for kind, measures in kinds.items():
        stays = cell(measures, entropy=chosen.suffix_entropy, diversity=chosen.lemma_diversity)
        lines.append(
            f"| {kind} | {len(measures.tokens):,} | {_spread(measures.suffix_entropy)} | "
            f"{_spread(measures.lemma_diversity)} | {stays.documents:,} ({1 - stays.reduction:.1%}) | "
            f"{1 - stays.token_reduction:.1%} |"
        )
    return lines


def _spread(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in np.quantile(values, (0.1, 0.5, 0.9)))
