"""Production efficiency of several models over one collection: records, points, plot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.artifacts import hash_input
from mecelle.base.config import dump
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.protocols import TextEncoder
from mecelle.evaluation import record as records
from mecelle.evaluation.contestants import Contestant, contestants
from mecelle.evaluation.efficiency.collection import Texts, draw, embed, is_vectors, read_vectors
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.report import plot, points, rows
from mecelle.evaluation.efficiency.run import TASK, measure
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.retrieval import read_task

POINTS, PLOT = "efficiency.json", "efficiency.svg"


def evaluate(
    models: Mapping[str, Path | str],
    out: Path,
    config: EfficiencyConfig,
    *,
    seed: int,
    queries: Path | None = None,
    documents: Path | None = None,
    cache: Path | None = None,
    max_length: int | None = None,
) -> list[TaskRecord]:
    """Measure each of `models` and write its record under `out`, with the points and the plot of all of them.

    models: name -> model, or a folder with `documents.npy` and `queries.npy`. queries, documents: as of a retrieval
    task; needed unless all models are folders of vectors. cache: folder of vectors that runs share; max_length: tokens
    that a model reads of a text.
    Records that were made of the same things are taken as they are.
    """
    texts: Texts | None = None
    if not all(is_vectors(place) for place in models.values()):
        if queries is None or documents is None:
            raise InputError(
                "--queries and --documents are needed to measure a model; only folders of vectors go without"
            )
        task = read_task(TASK, queries, documents, pool=config.pool)
        texts = draw(task, config.most_documents, seed=seed)
    done: list[TaskRecord] = []
    for name, place in models.items():
        if is_vectors(place):
            done.append(_of_vectors(name, Path(place), out, config, seed=seed))
        else:
            assert texts is not None, "read above"
            (model,) = contestants([f"{name}={place}"], seed=seed, max_length=max_length, memory=cache)
            done.append(_of_model(model, texts, out, config, seed=seed, cache=cache))
    found = points(done)
    (out / POINTS).write_bytes(orjson.dumps(rows(found), option=orjson.OPT_INDENT_2))
    (out / PLOT).write_text(plot(found), encoding="utf-8")
    return done


def _of_vectors(name: str, folder: Path, out: Path, config: EfficiencyConfig, *, seed: int) -> TaskRecord:
    fingerprint = data = hash_input(folder) or str(folder)
    known = records.reusable(
        out, model=name, task=TASK, fingerprint=fingerprint, data=data, parameters=dump(config), seed=seed
    )
    if known:
        return known
    measured = measure(read_vectors(folder), config, model=name, fingerprint=fingerprint, data=data, seed=seed)
    records.write(measured, out)
    return measured


def _of_model(
    model: Contestant, texts: Texts, out: Path, config: EfficiencyConfig, *, seed: int, cache: Path | None
) -> TaskRecord:
    if model.words is not None:
        raise ConfigError(f"model '{model.name}' ranks by words; efficiency stores vectors: name a model that has them")
    known = records.reusable(
        out,
        model=model.name,
        task=TASK,
        fingerprint=model.fingerprint,
        data=texts.data,
        parameters=dump(config),
        seed=seed,
    )
    if known:
        return known
    vectors = embed(model.encoder, texts, cache=cache)
    measured = measure(vectors, config, model=model.name, fingerprint=model.fingerprint, data=texts.data, seed=seed)
    measured = measured.model_copy(update={"scores": measured.scores | _facts(model.encoder)})
    records.write(measured, out)
    return measured


def _facts(encoder: TextEncoder) -> dict[str, float]:
    """Length limit and number of parameters, where the encoder tells them."""
    facts: dict[str, float] = {}
    limit = getattr(encoder, "max_length", None)
    if limit is not None:
        facts["max length"] = float(limit)
    model: Any = getattr(encoder, "model", None)
    if hasattr(model, "parameters"):
        facts["parameters"] = float(sum(weights.numel() for weights in model.parameters()))
    return facts
