"""`mecelle evaluate efficiency ...`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.naming import name_and_place
from mecelle.cli.common import Params, Seed, Settings, apart, console, parameters, seed_of, told
from mecelle.cli.evaluate_embeddings import DEFAULT_TOKENS, VECTORS, Cache, MaxLength
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.evaluation.efficiency.report import Point


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command(cls=takes("mecelle.evaluation.efficiency.config:EfficiencyConfig"))(efficiency)


@told
def efficiency(
    models: Annotated[
        list[str],
        typer.Argument(
            help="Folder, hub id or package:NAME, or a folder of documents.npy and queries.npy; name=MODEL."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(file_okay=False, help="Folder of records; what is there and still true is not measured again."),
    ],
    queries: Annotated[Path | None, typer.Option(help="JSONL (id, query, gold) or CSV (query, gold).")] = None,
    documents: Annotated[Path | None, typer.Option(help="JSONL (id, text), or an artifact with documents.")] = None,
    max_length: MaxLength = DEFAULT_TOKENS,
    cache: Cache = VECTORS,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Ingest, memory, latency and recall of each model in Qdrant: float32, INT8, binary, Matryoshka cuts (Table 25)."""
    from mecelle.evaluation import record as records
    from mecelle.evaluation.efficiency.config import EfficiencyConfig
    from mecelle.evaluation.efficiency.report import points, production_table
    from mecelle.evaluation.efficiency.run import EXACT
    from mecelle.evaluation.efficiency.suite import PLOT, evaluate

    config = parameters(EfficiencyConfig, params, "efficiency", settings, EfficiencyConfig())
    measured = evaluate(
        apart([named(model) for model in models]),
        out,
        config,
        seed=seed_of(seed, params),
        queries=queries,
        documents=documents,
        cache=cache.expanduser(),
        max_length=max_length,
    )
    scores, missing = production_table(records.read(out))
    if not sys.stdout.isatty():
        summary = {"out": str(out), "models": [record.model for record in measured], "production": scores}
        sys.stdout.write(orjson.dumps(summary).decode() + "\n")
        return
    console.print(_table(points(measured)))
    for record in measured:
        if EXACT in record.scores:
            console.print(f"{escape(record.model)}: exact search has nDCG@10 {record.scores[EXACT]:.3f}")
    for model, readings in scores.items():
        told_scores = ", ".join(f"{reading} {score:.2f}" for reading, score in readings.items())
        console.print(f"{escape(model)}: production efficiency {told_scores} (best of {len(scores)} = 100)")
    for model, absent in missing.items():
        console.print(f"{escape(model)}: no production efficiency, for want of {absent}", soft_wrap=True)
    console.print(f"[bold]{escape(str(out / PLOT))}[/]")


def named(model: str) -> tuple[str, Path | str]:
    """Name and place of `name=place`, or of a bare place, which is its own name (a folder goes by its last part)."""
    name, place = name_and_place(model)
    path = Path(place).expanduser()
    if path.is_dir():
        return (path.resolve().name if name is None else name), path
    return (place if name is None else name), place


def _table(found: Sequence["Point"]) -> Table:
    table = Table("model", "variant", found[0].measure if found else "", "recall", "p50 ms", "p95", "p99", "B/vector")
    for heading in ("resident MiB", "disk MiB", "graph s", "ms/batch", "front"):
        table.add_column(heading)
    for point in found:
        table.add_row(
            point.model,
            point.variant,
            *(f"{value:.3f}" for value in (point.quality, point.recall, point.p50_ms, point.p95_ms, point.p99_ms)),
            *(f"{value:,.0f}" for value in (point.bytes_per_vector, point.resident_mib, point.disk_mib)),
            f"{point.graph_seconds:.1f}",
            f"{point.seconds_per_batch * 1000:.1f}",
            "yes" if point.on_front else "",
        )
    return table
