"""The stage "evaluation": all systems on one retrieval task, with intervals, tests and a choice made on development."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter, read_jsonl
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.progress import track
from mecelle.base.protocols import TextEncoder
from mecelle.base.seeds import derive, generator
from mecelle.corpus.decontamination.gate import touched_items
from mecelle.embedding.guide.build import GuideConfig
from mecelle.embedding.pairs.record import FILE, HELD_OUT
from mecelle.evaluation.choice import ENCODER, GUIDE, HEADLINE, SHIPPED, SHIPPED_MODEL, choose, default_systems
from mecelle.evaluation.compare import RESAMPLES, compare_many, interval
from mecelle.evaluation.metrics.ranking import MEASURES, score_rankings
from mecelle.evaluation.sides import divide
from mecelle.evaluation.systems import LEXICAL, Panel, Rankings
from mecelle.evaluation.tasks.retrieval import Pool, RetrievalTask, read_task, task_of_pairs
from mecelle.models.names import load_encoder

STAGE = "evaluation"
VERSION = 7

BASELINES = (*LEXICAL, GUIDE)
"""Against these every other system is tested."""


class EvaluationConfig(Config):
    """What is compared, and how."""

    systems: tuple[str, ...] = ()
    """Systems by name, `+` fuses the scores of two; empty: both BM25s, the guide, every model that was given, and these
    (but for the encoder) fused with bm25:first5."""
    guide: str = "package:use"
    """The published model that the report compares with, where no other is given: hub id, folder or packaged model."""
    pool: Pool = "all"
    """Documents that are ranked: all, or only those of acts that some gold document belongs to."""
    depth: int = Field(default=100, ge=100)
    """Length of a ranking, in documents; recall and map are measured at 100."""
    max_length: int = Field(default=256, ge=16)
    """Tokens of a document that encoders in folders see; hub and packaged models have their own limit."""
    resamples: int = Field(default=RESAMPLES, ge=1_000)
    """Bootstrap resamples and random sign flips."""
    examples: int = Field(default=10, ge=0)
    """Searches shown in full."""


def evaluate(
    out: Path,
    config: EvaluationConfig,
    *,
    models: Mapping[str, Path | str],
    seed: int,
    guide: Path | str | None = None,
    queries: Path | None = None,
    documents: Path | None = None,
    pairs: Path | None = None,
    splits: Path | None = None,
    training: Path | None = None,
    cache: Path | None = None,
) -> None:
    """Score every system of `config` and write scores, per-query scores, rankings, comparisons and the choice.

    models: name -> folder, hub id or `package:` name. guide: the same, or an artifact of stage "guide", whose model it
    is; None takes the one of `config`. queries, documents: the task's files; without them the task is made of the
    held-out pairs of the artifact `pairs`, a silver standard. splits: docs/splits.json; without it half of the queries,
    by seed, are for development. Development chooses the mode of search; test is scored once. training: the artifact of
    stage "select" that models were trained on; scores are told also without the items that stood in its documents
    before it was cleaned of them, and the figures say whether it was checked at all.
    Raises ConfigError for a system that is not known, InputError where nothing can be scored.
    """
    systems = config.systems or default_systems(models)
    guide = guide or config.guide
    loaders = _loaders(models, guide, config)
    task, sides = divide(_task(queries, documents, pairs, config), splits, seed=seed)
    panel = Panel(task, loaders, k=config.depth, cache=cache)
    panel.check(systems)
    inputs: dict[str, Path | str] = {f"model {name}": path for name, path in models.items()} | {"guide": guide}
    files = {"queries": queries, "documents": documents, "pairs": pairs, "splits": splits, "training": training}
    inputs |= {name: path for name, path in files.items() if path}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts = task.accounts
        rankings = {name: panel.rank(name) for name in track(systems, "evaluation", unit="systems")}
        scores = {name: _scores(ranking, task) for name, ranking in rankings.items()}
        touched = touched_items(training, queries) if training and queries else None
        summary = _summary(scores, sides, task, config, seed, touched=touched or frozenset())
        told = {name: [rows[HEADLINE][query] for query in sides["development"]] for name, rows in scores.items()}
        chosen = choose(told, systems, seed=derive(seed, "choose"), resamples=config.resamples)
        place = models[chosen["model"]] if chosen["model"] else None
        chosen["place"] = str(place.resolve()) if isinstance(place, Path) else place
        run.figures |= {
            "task": task.name,
            "silver": queries is None,
            "split": "splits.json" if splits else "random half",
            "documents": len(task.documents),
            "missing_gold": task.missing_gold,
            "queries": {side: len(members) for side, members in sides.items()},
            "contamination": {
                "checked": touched is not None,
                "touched": {side: len(touched.intersection(sides[side])) for side in sides} if touched else {},
            },
            "chosen": chosen,
            "scores": {side: {name: row[HEADLINE] for name, row in rows.items()} for side, rows in summary.items()},
            "fingerprints": panel.fingerprints,
        }
        trained = [name for name in models if name in scores and name != SHIPPED]  # which began elsewhere
        comparisons = _comparisons(scores, sides["test"], trained, config, seed)
        _write_json(run.folder / "scores.json", summary)
        _write_json(run.folder / "comparisons.json", comparisons)
        _write_json(run.folder / "chosen.json", chosen)
        _write_json(
            run.folder / "examples.json",
            _examples(task, rankings[chosen["system"]], scores, chosen, sides, config, seed),
        )
        _write_queries(run.folder / "per_query.jsonl", scores, rankings, sides)


def _task(queries: Path | None, documents: Path | None, pairs: Path | None, config: EvaluationConfig) -> RetrievalTask:
    if (queries is None) != (documents is None):
        raise ConfigError("queries and documents go together: give the collection that the queries are asked of")
    if queries and documents:
        return read_task(queries.name.partition(".")[0], queries, documents, pool=config.pool)
    if pairs:
        artifacts.read_marker(pairs, stage="pairs")
        if not (pairs / HELD_OUT).exists():
            raise InputError(f"{pairs}: no {HELD_OUT} in it; make the pairs again with this version of Mecelle")
        return task_of_pairs("held-out pairs", read_jsonl(pairs / HELD_OUT), read_jsonl(pairs / FILE))
    raise ConfigError("nothing to evaluate on: give queries and documents, or an artifact of pairs")


def _loaders(models: Mapping[str, Path | str], guide: Path | str, config: EvaluationConfig) -> dict[str, Any]:
    def loader(name: str | Path, length: int | None) -> Any:
        def load() -> TextEncoder:
            return load_encoder(name, max_length=length, precision="auto")

        return load

    if models.get(SHIPPED, SHIPPED_MODEL) != SHIPPED_MODEL:
        raise ConfigError(f"model '{SHIPPED}': this name is kept for {SHIPPED_MODEL}; call yours otherwise")
    odd = [name for name in models if "+" in name or name in LEXICAL]
    if odd:
        raise ConfigError(f"model '{odd[0]}': a model cannot be called so, since '+' and bm25: name other systems")
    loaders = {
        name: loader(model, config.max_length if isinstance(model, Path) else None) for name, model in models.items()
    }
    return {GUIDE: loader(*_guide(guide)), **loaders}


def _guide(guide: Path | str) -> tuple[Path | str, int | None]:
    """Model and its limit in tokens, as the artifact of stage "guide" was made with."""
    if isinstance(guide, str) or not (guide / artifacts.MARKER).exists():
        return guide, None
    marker, record = artifacts.read_marker(guide), artifacts.read_record(guide)
    if marker.stage != "guide" or record is None:
        return guide, None
    made = GuideConfig.model_validate(record.parameters)
    if made.endpoint:
        raise ConfigError(
            f"{guide}: its vectors came from the endpoint {made.endpoint}, which texts cannot be asked of here; give "
            "--guide a folder, a hub id or a packaged model"
        )
    return made.model, made.max_length


def _scores(rankings: Rankings, task: RetrievalTask) -> dict[str, dict[str, float]]:
    ids = {query: [document for document, _ in ranking] for query, ranking in rankings.items()}
    return score_rankings(ids, task.gold)  # type: ignore[arg-type]


def _summary(
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    sides: Mapping[str, Sequence[str]],
    task: RetrievalTask,
    config: EvaluationConfig,
    seed: int,
    *,
    touched: frozenset[str],
) -> dict[str, dict[str, dict[str, Any]]]:
    """Side (or test group) -> system -> measure -> interval."""
    parts = dict(sides)
    if touched.intersection(sides["test"]) and not touched.issuperset(sides["test"]):
        parts["test: untouched"] = [query for query in sides["test"] if query not in touched]
    for group in sorted(set(task.groups.values())):
        members = [query for query in sides["test"] if task.groups.get(query) == group]
        if members:
            parts[f"test: {group}"] = members
    return {
        part: {
            name: {
                measure: interval(
                    [rows[measure][query] for query in members],
                    # The same draws for every system: their intervals differ by the systems alone.
                    seed=derive(seed, "interval", part, measure),
                    resamples=config.resamples,
                ).model_dump()
                for measure in MEASURES
            }
            for name, rows in scores.items()
        }
        for part, members in parts.items()
    }


def _comparisons(
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    members: Sequence[str],
    models: Sequence[str],
    config: EvaluationConfig,
    seed: int,
) -> dict[str, Any]:
    """All systems against the baselines, and, corrected by itself, every trained model against what it began with."""
    values = {name: [rows[HEADLINE][query] for query in members] for name, rows in scores.items()}
    baselines = [name for name in BASELINES if name in values]
    table = compare_many(values, baselines, seed=derive(seed, "compare"), resamples=config.resamples)
    if ENCODER in models and len(models) > 1:
        of_models = {name: values[name] for name in models}
        table |= compare_many(of_models, [ENCODER], seed=derive(seed, "trained"), resamples=config.resamples)
    return {base: {name: row.model_dump() for name, row in rows.items()} for base, rows in table.items()}


def _examples(
    task: RetrievalTask,
    rankings: Rankings,
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    chosen: Mapping[str, Any],
    sides: Mapping[str, Sequence[str]],
    config: EvaluationConfig,
    seed: int,
) -> list[dict[str, Any]]:
    """Development queries drawn by seed, good and bad as they come, with what was found. Test stays unread."""
    ids = sorted(sides["development"])
    drawn = generator(seed, "evaluation", "examples").permutation(len(ids))[: config.examples]
    shown = []
    for query in (ids[place] for place in sorted(drawn)):
        found = [
            {"id": document, "gold": document in task.gold[query], "text": task.documents[document][:400]}
            for document, _ in rankings[query][:3]
        ]
        score = scores[chosen["system"]][HEADLINE][query]
        shown.append({"query": task.queries[query], "gold": sorted(task.gold[query]), "score": score, "found": found})
    return shown


def _write_json(path: Path, values: Any) -> None:
    path.write_bytes(orjson.dumps(values, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _write_queries(
    path: Path,
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    rankings: Mapping[str, Rankings],
    sides: Mapping[str, Sequence[str]],
) -> None:
    """One row per query and system: its scores and first ten documents, so that any comparison can be made later."""
    with JsonlWriter(path) as writer:
        for side, members in sides.items():
            for query in members:
                for name, rows in scores.items():
                    ranking = [document for document, _ in rankings[name][query][:10]]
                    row = {"query": query, "side": side, "system": name}
                    writer.write(row | {measure: rows[measure][query] for measure in MEASURES} | {"ranking": ranking})
