"""`mecelle export` and `mecelle push`: models leave the house."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.errors import ConfigError
from mecelle.cli.common import Out, console, finish, told
from mecelle.cli.embedding_models import place


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle`."""
    app.command()(export)
    app.command()(push)


@told
def export(
    model: Annotated[str, typer.Argument(help="A model folder, a hub id, or package:NAME (package:mecelle).")],
    out: Out,
    onnx: Annotated[bool, typer.Option("--onnx", help="As an ONNX graph; without it, as a plain folder.")] = False,
    int8: Annotated[bool, typer.Option("--int8", help="A graph with 8-bit weights besides.")] = False,
) -> None:
    """Write an embedding model as a plain sentence-transformers folder, or as an ONNX graph."""
    if onnx:
        from mecelle.embedding.export.onnx import ExportConfig, export_onnx

        export_onnx(place(model), out, ExportConfig(int8=int8))
    elif int8:
        raise ConfigError("--int8 is of graphs: give --onnx too; `mecelle embedding quantise` stores a model in 8 bits")
    else:
        from mecelle.embedding.export.plain import export_plain

        export_plain(place(model), out)
    finish(out)


@told
def push(
    model: Annotated[Path, typer.Argument(help="A model folder with a card that names its licence.")],
    repository: Annotated[str, typer.Argument(help="owner/name on the hub.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Visible to everybody; by default it is private.")] = False,
) -> None:
    """Send a model to the Hugging Face hub."""
    from mecelle.embedding.export.push import parcel
    from mecelle.embedding.export.push import push as send

    sent = parcel(model, repository)
    table = Table("File", "MB")
    for name, size in sent.files:
        table.add_row(escape(name), f"{size / 1e6:,.3f}")
    console.print(table)
    told = f"{len(sent.files)} files, {sent.total_bytes / 1e6:,.1f} MB, licence {sent.licence}, to {repository}"
    if dry_run:
        console.print(f"{told}: nothing was sent (--dry-run)", highlight=False)
    else:
        console.print(f"{told}: {send(sent, private=not public)}", highlight=False)
