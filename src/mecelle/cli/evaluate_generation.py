"""`mecelle evaluate generation`: what a base model and an adapted one go on to say, judged by a reward model."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mecelle.cli.common import Device, Out, Params, Seed, Settings, console, finish, parameters, seed_of, told
from mecelle.cli.settings import takes


@told
def generation(
    base: Annotated[str, typer.Argument(help="Folder or hub id of a causal language model.")],
    adapted: Annotated[str, typer.Argument(help="The same after adaptation.")],
    judge: Annotated[Path, typer.Option(help="An artifact of `reward train`.")],
    questions: Annotated[Path, typer.Option(help="JSONL of question and answer (or truth).")],
    out: Out,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Compare two models by their answers at growing context, by objective, in pairs (Mecellem Figs. 12 to 14)."""
    from mecelle.evaluation.generation import GenerationConfig, benchmark
    from mecelle.models.loading import usual_device

    config = parameters(GenerationConfig, params, "generation", settings, GenerationConfig())
    figures = benchmark(
        base, adapted, judge, questions, out, config, seed=seed_of(seed, params), device=device or usual_device()
    )
    if sys.stdout.isatty():
        table = Table("tokens", "objective", "reference", "base", "adapted", "difference", title="Rewards")
        for row in figures["rows"]:
            difference = f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            means = (f"{row[name]:.3f}" for name in ("reference", "base", "adapted"))
            table.add_row(str(row["context"]), row["objective"], *means, difference)
        console.print(table)
    finish(out, rows=figures["rows"], truncated=figures["truncated"])


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command(cls=takes("mecelle.evaluation.generation:GenerationConfig"))(generation)
