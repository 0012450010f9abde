"""Stage "forgetting": what a model knew before a training, and still knows after it (TurkEmbed4Retrieval, Table III).

Every model of a chain is asked about the held-out pairs of every stage: graded pairs by Spearman's correlation (STS),
pairs with hard negatives by how often the own document is nearer than they (NLI), all others by MRR@10 among the
held-out documents. No text of them was trained on. And whether what was lost of STS is what retrieval gets wrong: for
each query of a set, what the training cost the graded pairs that lie nearest to it, against the rank of its document.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import Field
from scipy.stats import spearmanr

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter
from mecelle.base.config import Config
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.embedding.pairs.record import Pair, read_held_out
from mecelle.evaluation.metrics.pseudo_values import pseudo_values
from mecelle.evaluation.probing.correlation import spearman
from mecelle.evaluation.statistics.bootstrap import interval
from mecelle.evaluation.statistics.paired import compare
from mecelle.evaluation.vectors import Vectors
from mecelle.models.names import load_encoder

STAGE = "forgetting"
VERSION = 2
SPEARMAN, NEARER, MRR = "spearman", "own_nearer", "mrr@10"
CUT = 10
LEAST_PAIRS = 2
NEIGHBOURS = 10
"""Graded pairs nearest to a query whose loss counts as its own."""

Floats = NDArray[np.float64]


class ForgettingConfig(Config):
    """How models are asked."""

    max_length: int = Field(default=256, ge=8)
    """Tokens of a text that models in folders see."""
    cuts: tuple[int, ...] = ()
    """Leading components (Matryoshka) by which the last model is asked, too."""


def measure_forgetting(
    models: Mapping[str, Path | str],
    sets: Mapping[str, Path],
    out: Path,
    config: ForgettingConfig,
    *,
    seed: int,
    cache: Path | None = None,
) -> None:
    """Make the artifact `out`: forgetting.json, forgetting.md, links.json, units.jsonl.

    models: in the order of training, the untrained one first. sets: name -> artifact of pairs. Each model is compared
    with the one before it, pair by pair. Raises InputError for a set without held-out pairs.
    """
    held = {name: _held_out(name, path) for name, path in sets.items()}
    inputs: dict[str, Path | str] = {f"model {name}": place for name, place in models.items()} | dict(sets)
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        values: dict[str, dict[tuple[str, str], Floats]] = {}
        places: dict[str, dict[str, NDArray[np.floating]]] = {}
        for name in track(list(models), "forgetting", unit="models"):
            encoder = load_encoder(models[name], max_length=config.max_length)
            cuts = [None, *(k for k in config.cuts if k < encoder.dimension)] if name == list(models)[-1] else [None]
            for cut in cuts:
                vectors = Vectors(encoder, cache, cut=cut)
                values[f"{name}@{cut}" if cut else name] = _values(vectors, held)
                if cut is None:
                    places[name] = {
                        one: vectors.encode([pair.query for pair in pairs], role="query") for one, pairs in held.items()
                    }
        rows, linked = _rows(values, list(models), seed), links(values, places, list(models), seed=seed)
        (run.folder / "forgetting.json").write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        (run.folder / "forgetting.md").write_text(table(rows), encoding="utf-8")
        (run.folder / "links.json").write_bytes(orjson.dumps(linked, option=orjson.OPT_INDENT_2))
        with JsonlWriter(run.folder / "units.jsonl") as writer:
            for model, sets_ in values.items():
                for (name, measure), units in sets_.items():
                    writer.write({"model": model, "set": name, "measure": measure, "values": units.round(6).tolist()})
        run.figures |= {"rows": rows, "links": linked}


def unit_values(vectors: Vectors, pairs: Sequence[Pair]) -> dict[str, Floats]:
    """Measure -> the value of each pair; their mean is the measure."""
    queries = vectors.encode([pair.query for pair in pairs], role="query")
    documents = vectors.encode([pair.document for pair in pairs], role="document")
    cosines = queries @ documents.T
    own = np.diag(cosines)
    if pairs[0].grade is not None:
        return {SPEARMAN: pseudo_values(_spearman, own, [float(pair.grade or 0.0) for pair in pairs])}
    ranks = (cosines >= own[:, None]).sum(axis=1)  # equals count against it, as in embedding/heldout.py
    found: dict[str, Floats] = {MRR: np.where(ranks <= CUT, 1.0 / ranks, 0.0)}
    opposed = [place for place, pair in enumerate(pairs) if pair.negatives]
    if opposed:
        nearest = [
            float((vectors.encode(pairs[place].negatives, role="document") @ queries[place]).max()) for place in opposed
        ]
        found = {NEARER: (own[opposed] > np.array(nearest)).astype(np.float64), **found}
    return found


def links(
    values: Mapping[str, Mapping[tuple[str, str], Floats]],
    places: Mapping[str, Mapping[str, NDArray[np.floating]]],
    models: Sequence[str],
    *,
    seed: int,
) -> list[dict[str, Any]]:
    """Whether a training lost graded pairs where it ranks wrongly: a row for each training, graded set and other set.

    values: of each model, those of each pair by set and measure; places: of each model, the vectors of the queries of
    each set. rho: Spearman's over the queries of the set, between what the training cost the graded pairs nearest to a
    query (by the model before it) and the reciprocal rank that it gives the query's own document; below 0, what was
    lost of the one is what the other gets wrong. Source: asked by TurkEmbed4Retrieval, Table III.
    """
    rows = []
    for earlier, later in pairwise(models):
        graded = [name for name, measure in values[later] if measure == SPEARMAN]
        ranked = [name for name, measure in values[later] if measure == MRR]
        for similar, name in product(graded, ranked):
            lost = values[earlier][similar, SPEARMAN] - values[later][similar, SPEARMAN]
            cosines = places[earlier][name] @ places[earlier][similar].T
            nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
            found = spearman(lost[nearest].mean(axis=1), values[later][name, MRR], seed=derive(seed, later, name))
            rows.append({"model": later, "before": earlier, "graded": similar, "set": name, **found.model_dump()})
    return rows


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| pairs | measure | n | model | score | change from the model before |", "|---|---|---|---|---|---|"]
    for row in rows:
        change = row["change"]
        told = f"{change['difference']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]" if change else ""
        score = f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        lines.append(f"| {row['set']} | {row['measure']} | {row['n']:,} | {row['model']} | {score} | {told} |")
    return "\n".join(lines) + "\n"


def _held_out(name: str, path: Path) -> list[Pair]:
    held = read_held_out(path)
    if len(held) < LEAST_PAIRS:
        raise InputError(
            f"{path} ({name}): {len(held)} held-out pairs; at least {LEAST_PAIRS} are needed: make the pairs with "
            "held_out_pairs above 0, of more texts"
        )
    return held


def _values(vectors: Vectors, held: Mapping[str, list[Pair]]) -> dict[tuple[str, str], Floats]:
    return {
        (name, measure): values
        for name, pairs in held.items()
        for measure, values in unit_values(vectors, pairs).items()
    }


def _rows(values: Mapping[str, Mapping[tuple[str, str], Floats]], models: list[str], seed: int) -> list[dict[str, Any]]:
    """A row for each set, measure and model. A cut is compared with the whole vectors of its model."""
    before = {later: earlier for earlier, later in pairwise(models)}
    before |= {name: models[-1] for name in values if name not in models}
    rows = []
    for name, measure in next(iter(values.values())):
        for model, found in values.items():
            units = found[name, measure]
            drawn = derive(seed, name, measure)
            score = interval(units, seed=drawn)
            earlier = before.get(model)
            change = compare(units, values[earlier][name, measure], seed=drawn).model_dump() if earlier else None
            rows.append({"set": name, "measure": measure, "model": model, **score.model_dump(), "change": change})
    return rows


def _spearman(left: Floats, right: Floats) -> float:
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return 0.0
    return float(spearmanr(left, right).statistic)
