"""How well sectioners read test decisions: all measures with intervals, harder forms, courts, and paired tests."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter
from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive, generator
from mecelle.evaluation.statistics.paired import mcnemar
from mecelle.evaluation.statistics.rates import wilson
from mecelle.segmentation.data import HEADED, read_part
from mecelle.segmentation.data import STAGE as DATA_STAGE
from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.measures import Tally, scores_of, tally
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import Sectioner, load_sectioner
from mecelle.segmentation.variants import PLAIN, VARIANTS

STAGE = "section-scores"
VERSION = 1
RATES = ("doc_pass", "tol_pass", "all_found")
"""Measures that are a share of documents: Wilson's interval; the others are drawn anew by documents."""


class SectionScoresConfig(Config):
    """What is measured."""

    variants: tuple[str, ...] = (*VARIANTS, HEADED)
    """Forms of the decisions, of mecelle.segmentation.variants; headed: with their headings."""
    resamples: int = 2_000
    """Draws of documents behind an interval."""


def measure_sections(
    models: Mapping[str, Path], data: Path, out: Path, config: SectionScoresConfig, *, seed: int
) -> dict[str, Any]:
    """Make the artifact `out` of stage "section-scores": scores.json and the decisions as read; returns the scores.

    models: name -> artifact of `segment train`. data: artifact of `segment data`, whose test decisions are read; texts
    outside, which are none, are scored apart. Raises InputError if there is no test decision.
    """
    artifacts.read_marker(data, stage=DATA_STAGE)
    gold, headed = read_part(data, "test")
    decisions, outside = [one for one in gold if one.sections], [one for one in gold if not one.sections]
    if not decisions:
        raise InputError(f"{data}: no test decision with sections; nothing can be scored")
    inputs: dict[str, Path | str] = {"data": data, **models}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "decisions"
        run.accounts.keep(len(gold))
        passed: dict[str, list[int]] = {}
        result: dict[str, Any] = {"n": len(decisions), "models": {}}
        for name, place in models.items():
            model = load_sectioner(place)
            forms: dict[str, Any] = {}
            for variant in config.variants:
                asked = [_in_form(variant, one, headed, seed=derive(seed, "variant")) for one in decisions]
                found = model.read([one.model_copy(update={"sections": ()}) for one in asked])
                tallies = [tally(a, b) for a, b in zip(asked, found, strict=True)]
                forms[variant] = with_intervals(tallies, resamples=config.resamples, seed=derive(seed, "bootstrap"))
                if variant == PLAIN:
                    passed[name] = [int(one.passes[0]) for one in tallies]
                    forms["courts"] = _by_court(decisions, tallies, config, seed=seed)
                    forms["confusion"] = np.sum([one.words for one in tallies], axis=0).tolist()
                    _write_found(run.folder / f"found-{name}.jsonl", decisions, found, tallies)
            result["models"][name] = forms | {"outside": _outside(model, outside)}
        result["labels"] = list(LABELS)
        result["mcnemar"] = [
            {"a": a, "b": b, **mcnemar(passed[a], passed[b]).model_dump()} for a, b in combinations(passed, 2)
        ]
        run.figures.update(result)
    return result


def _in_form(form: str, decision: Segmented, headed: Mapping[str, Segmented], *, seed: int) -> Segmented:
    return headed.get(decision.id, decision) if form == HEADED else VARIANTS[form](decision, seed)


def with_intervals(tallies: Sequence[Tally], *, resamples: int, seed: int) -> dict[str, dict[str, float]]:
    """Every measure with its 95% interval: {measure: {n, mean, low, high}}, n in documents."""
    rows = np.stack([one.vector() for one in tallies])
    often = generator(seed, "documents").multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=resamples)
    means, drawn = scores_of(rows.sum(axis=0)), scores_of(often @ rows)
    found = {}
    for name, mean in means.items():
        low, high = np.quantile(drawn[name], [0.025, 0.975])
        if name in RATES:
            rate = wilson(round(float(mean) * len(rows)), len(rows))
            low, high = rate.low, rate.high
        found[name] = {"n": len(rows), "mean": float(mean), "low": float(low), "high": float(high)}
    return found


def _by_court(
    decisions: Sequence[Segmented], tallies: Sequence[Tally], config: SectionScoresConfig, *, seed: int
) -> dict[str, Any]:
    groups: dict[str, list[Tally]] = defaultdict(list)
    for decision, one in zip(decisions, tallies, strict=True):
        groups[str(decision.metadata.get("court"))].append(one)
    return {
        court: with_intervals(members, resamples=config.resamples, seed=derive(seed, "bootstrap"))
        for court, members in sorted(groups.items())
    }


def _outside(model: Sectioner, texts: Sequence[Segmented]) -> dict[str, int]:
    """Of texts that are no decision, how many were said to have a section."""
    found = model.read(list(texts))
    return {"n": len(texts), "with_sections": sum(bool(one.sections) for one in found)}


def _write_found(
    path: Path, decisions: Sequence[Segmented], found: Sequence[Segmented], tallies: Sequence[Tally]
) -> None:
    """Gold and found sections of each decision, without its text: for eyes."""
    with JsonlWriter(path) as file:
        for gold, read, one in zip(decisions, found, tallies, strict=True):
            sections = {"gold": gold.sections, "found": read.sections}
            told = {name: [span.model_dump() for span in spans] for name, spans in sections.items()}
            file.write({"id": gold.id, "passed": bool(one.passes[0]), **told})
