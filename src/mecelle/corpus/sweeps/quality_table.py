"""What thresholds of `fineweb_quality.v1` drop: a table and a page of Markdown, the paper's figures beside ours."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import fmean, pstdev
from typing import Any

from mecelle.corpus.filters.fineweb_quality import FineWebQuality, LineShares

RULES = ("unpunctuated_lines", "short_lines", "duplicate_lines", "list_of_lines")


@dataclass(frozen=True, slots=True)
class Measured:
    """One document of the draw; `shares` is None for a text without words."""

    category: str
    fold: int
    is_good: bool
    shares: LineShares | None


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many."""

    dropped: int
    documents: int

    def __str__(self) -> str:
        return f"{self.dropped / self.documents:.1%} ({self.dropped}/{self.documents})" if self.documents else "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One choice of thresholds. Rates by rule and over all are mean and deviation (of the population) over folds."""

    filter: FineWebQuality
    rules: dict[str, tuple[float, float]]
    """Share of documents that break a rule, whether or not they break another."""
    overall: tuple[float, float]
    false_positives: Rate
    bad: dict[str, Rate]
    categories: dict[str, Rate]

    def figures(self) -> dict[str, Any]:
        """Plain values, one level deep."""
        chosen = self.filter
        rules = {f"{rule}_{name}": round(value, 5) for rule in RULES for name, value in _named(self.rules[rule])}
        bad = [rate for rate in self.bad.values() if rate.documents]
        return {
            "short_line": chosen.most_short_line_share,
            "char_duplicates": chosen.most_duplicate_share,
            "new_line": chosen.most_newlines_a_word,
            **rules,
            **{f"overall_{name}": round(value, 5) for name, value in _named(self.overall)},
            "good_dropped": self.false_positives.dropped,
            "good_documents": self.false_positives.documents,
            "bad_dropped": sum(rate.dropped for rate in bad),
            "bad_documents": sum(rate.documents for rate in bad),
        }


def count_row(filter: FineWebQuality, drawn: Sequence[Measured], bad: Mapping[str, Sequence[LineShares | None]]) -> Row:
    """What `filter` drops of the draw and of bad texts."""
    folds: dict[int, list[list[str]]] = defaultdict(list)
    categories: dict[str, list[bool]] = defaultdict(list)
    good = []
    for one in drawn:
        faults = _faults(filter, one.shares)
        folds[one.fold].append(faults)
        categories[one.category].append(bool(faults))
        if one.is_good:
            good.append(bool(faults))
    return Row(
        filter=filter,
        rules={rule: _over_folds([[rule in faults for faults in fold] for fold in folds.values()]) for rule in RULES},
        overall=_over_folds([[bool(faults) for faults in fold] for fold in folds.values()]),
        false_positives=_rate(good),
        bad={kind: _rate([bool(_faults(filter, one)) for one in shares]) for kind, shares in bad.items()},
        categories={name: _rate(dropped) for name, dropped in sorted(categories.items())},
    )


def summary(rows: Sequence[Row]) -> str:
    """The page."""
    documents = sum(rate.documents for rate in rows[0].categories.values())
    known = {"good: official texts": [row.false_positives for row in rows]}
    known |= {kind: [row.bad[kind] for row in rows] for kind in rows[0].bad}
    categories = {name: [row.categories[name] for row in rows] for name in rows[0].categories}
    return "\n".join(
        [
            "# Thresholds of the FineWeb quality filter",
            "",
            f"{documents:,} documents, balanced over {len(categories)} categories. Rates: mean ± deviation over folds, "
            "each rule by itself. Paper: Mecellem Table 2, of another corpus; we read its third column as the drop "
            "rate of the rule on repeated characters and its last as that of all rules. What its text chose (0.67, "
            "0.03, 0.4) is no row of its table.",
            "",
            *_thresholds(rows),
            "",
            "## Known good and known bad",
            "",
            *_columns(rows, known),
            "",
            "## By category",
            "",
            *_columns(rows, categories),
            "",
        ]
    )


@cache
def published() -> dict[tuple[float, float, float], dict[str, float]]:
    """Mecellem's Table 2 by (short_line, char_duplicates, new_line): char_dup_drop, overall_drop."""
    text = files("mecelle.corpus.sweeps").joinpath("data", "mecellem_table_2.csv").read_text(encoding="utf-8")
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text.splitlines())]
    return {(row.pop("short_line"), row.pop("char_duplicates"), row.pop("new_line")): row for row in rows}


def _thresholds(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| short_line | char_duplicates | new_line | " + " | ".join(RULES) + " | overall | paper: char_dup | overall |",
        "|" + "---|" * (len(RULES) + 6),
    ]
    for row in rows:
        chosen = _chosen(row)
        paper = published().get(chosen)
        theirs = (f"{paper['char_dup_drop']:.2%}", f"{paper['overall_drop']:.2%}") if paper else ("-", "-")
        cells = (*(f"{value:.2f}" for value in chosen), *(_spread(row.rules[rule]) for rule in RULES))
        lines.append(f"| {' | '.join((*cells, _spread(row.overall), *theirs))} |")
    return lines


def _columns(rows: Sequence[Row], lines: Mapping[str, Sequence[Rate]]) -> list[str]:
    titles = [" / ".join(f"{value:.2f}" for value in _chosen(row)) for row in rows]
    return [
        f"| dropped of | {' | '.join(titles)} |",
        "|" + "---|" * (len(rows) + 1),
        *(f"| {name} | {' | '.join(map(str, rates))} |" for name, rates in lines.items()),
    ]


def _chosen(row: Row) -> tuple[float, float, float]:
    return row.filter.most_short_line_share, row.filter.most_duplicate_share, row.filter.most_newlines_a_word


def _faults(filter: FineWebQuality, shares: LineShares | None) -> list[str]:
    return ["empty_text"] if shares is None else filter.faults(shares)


def _rate(dropped: Sequence[bool]) -> Rate:
    return Rate(sum(dropped), len(dropped))


def _over_folds(folds: Iterable[Sequence[bool]]) -> tuple[float, float]:
    rates = [sum(fold) / len(fold) for fold in folds]
    return (fmean(rates), pstdev(rates)) if rates else (0.0, 0.0)


def _named(spread: tuple[float, float]) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("mean", spread[0]), ("sd", spread[1])


def _spread(spread: tuple[float, float]) -> str:
    return f"{spread[0]:.2%} ± {spread[1]:.2%}"
