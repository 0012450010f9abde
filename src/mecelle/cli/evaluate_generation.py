"""`mecelle evaluate generation`: what a base model and adapted ones go on to say, judged by a reward model."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from mecelle.cli.common import Device, Out, Params, Seed, Settings, apart, console, finish, parameters, seed_of, told
from mecelle.cli.evaluate_efficiency import named
from mecelle.cli.settings import takes


@told
def generation(
    base: Annotated[str, typer.Argument(help="Causal language model, folder or hub id, name=MODEL.")],
    adapted: Annotated[list[str], typer.Argument(help="The same after adaptation: one or more, name=MODEL.")],
    judge: Annotated[Path, typer.Option(help="An artifact of `reward train`.")],
    questions: Annotated[Path, typer.Option(help="JSONL of question and answer (or truth).")],
    out: Out,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Compare models with their base by their answers at growing context, by objective (Mecellem Figs. 12 to 14)."""
    from mecelle.evaluation.generation import GenerationConfig, benchmark
    from mecelle.models.loading import usual_device

    config = parameters(GenerationConfig, params, "generation", settings, GenerationConfig())
    models = apart([named(model) for model in (base, *adapted)])
    figures = benchmark(
        models, judge, questions, out, config, seed=seed_of(seed, params), device=device or usual_device()
    )
    show_rewards(figures)
    finish(out, rows=figures["rows"], truncated=figures["truncated"])


def show_rewards(figures: Mapping[str, Any]) -> None:
    """The rewards of a comparison, as a table where somebody looks."""
    if sys.stdout.isatty():
        table = Table("tokens", "objective", "model", "reference", "base", "mean", "difference", title="Rewards")
        for row in figures["rows"]:
            difference = f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            means = (f"{row[name]:.3f}" for name in ("reference", "base", "mean"))
            table.add_row(str(row["context"]), row["objective"], row["model"], *means, difference)
        console.print(table)


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command(cls=takes("mecelle.evaluation.generation:GenerationConfig"))(generation)
