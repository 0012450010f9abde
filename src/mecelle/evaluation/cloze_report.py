"""What is said of cloze scores: accuracies with intervals, and tests between ways of scoring and between models."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.bootstrap import interval
from mecelle.evaluation.statistics.paired import mcnemar
from mecelle.evaluation.statistics.rates import wilson
from mecelle.evaluation.statistics.tables import holm
from mecelle.evaluation.tasks.cloze import MAIN, MAIN_CAUSAL, Ranks
from mecelle.evaluation.tasks.free_vocabulary import Completion

Table = dict[str, Any]
RanksOf = Mapping[str, Mapping[str, Ranks]]
"""Model -> way of scoring -> rank of the gold option of each item."""


def accuracies(ranks: RanksOf, *, seed: int) -> Table:
    """Top-1 with Wilson's and a bootstrap interval, Top-3 with Wilson's, for every way. They agree but for drawing."""
    rows = []
    for model, ways in ranks.items():
        for way, own in ways.items():
            first, three = own == 1, own <= 3
            rows.append(
                {
                    "model": model,
                    "way": way,
                    "items": len(own),
                    "top1 (Wilson)": wilson(int(first.sum()), len(own)).text(),
                    "top1 (bootstrap)": interval(first.astype(float), seed=seed).text(),
                    "top3 (Wilson)": wilson(int(three.sum()), len(own)).text(),
                }
            )
    return {"title": "Legal Cloze Test; chance is .250 and .750", "rows": rows}


def groups(records: Sequence[TaskRecord]) -> Table:
    """The main way of each model on groups of items: tokens of the options, the data's mark, known leakage."""
    rows = []
    for record in records:
        hidden = () if record.leakage_known else ("touched", "untouched")
        for key, count in record.scores.items():
            group = key.removeprefix("n.")
            if key.startswith("n.") and count and group not in hidden:
                first, three = (round(record.scores[f"{top}.{group}"] * count) for top in ("top1", "top3"))
                row = {"model": record.model, "items": group, "n": int(count)}
                rows.append(
                    row
                    | {
                        "top1 (Wilson)": wilson(first, int(count)).text(),
                        "top3 (Wilson)": wilson(three, int(count)).text(),
                    }
                )
    return {"title": "By kind of item, main way of scoring", "rows": rows}


def between_ways(ranks: RanksOf) -> Table:
    """Each way of scoring against the main one, per model: McNemar, Holm-corrected over the table."""
    pairs = [
        (model, way, ways[way], ways[_main(ways)])
        for model, ways in ranks.items()
        for way in ways
        if way != _main(ways)
    ]
    rows = [{"model": model, "way": way} | _test(own, main) for model, way, own, main in pairs]
    return {"title": "Against the main way of scoring (McNemar)", "rows": _corrected(rows)}


def between_models(ranks: RanksOf) -> Table:
    """Every two models in their main ways: McNemar, Holm-corrected over the table."""
    rows = [
        {"model": a, "against": b} | _test(ranks[a][_main(ranks[a])], ranks[b][_main(ranks[b])])
        for a, b in combinations(ranks, 2)
    ]
    return {"title": "Models against each other (McNemar)", "rows": _corrected(rows)}


def own_words(completions: Mapping[str, Sequence[Completion]]) -> Table:
    """The models' own words, as HukukBERT Tables 7 and 8 print them."""
    rows = [
        {
            "sentence": one.prompt.sentence,
            "wanted": ", ".join(one.prompt.wanted),
            "model": model,
            "words": " · ".join(f"{word} ({probability:.2f})" for word, probability in one.words),
            "rank": one.rank or "",
        }
        for model, own in completions.items()
        for one in own
    ]
    return {"title": "The models' own words", "rows": sorted(rows, key=lambda row: str(row["sentence"]))}


def _main(ways: Mapping[str, Ranks]) -> str:
    return MAIN if MAIN in ways else MAIN_CAUSAL


def _test(a: Ranks, b: Ranks) -> Table:
    found = mcnemar((a == 1).astype(float), (b == 1).astype(float))
    difference = float(np.mean(a == 1) - np.mean(b == 1))
    return {"difference": f"{difference:+.3f}", "only it": found.only_a, "only the other": found.only_b, "p": found.p}


def _corrected(rows: Sequence[Table]) -> list[Table]:
    corrected = holm([row["p"] for row in rows])
    return [{**row, "p": f"{row['p']:.3g}", "p (Holm)": f"{p:.3g}"} for row, p in zip(rows, corrected, strict=True)]
