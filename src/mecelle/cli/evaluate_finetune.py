"""`mecelle evaluate finetune ...`."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from mecelle.cli.common import Params, Seed, Settings, console, parameters, seed_of, told
from mecelle.cli.evaluate_efficiency import named

_DATA = Path("../shared/data")


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command()(finetune)


@told
def finetune(
    encoders: Annotated[
        list[str], typer.Argument(help="Hugging Face folder or hub id, random:FOLDER for fresh weights; name=ENCODER.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of records; what is there and still true is not trained again.")],
    tasks: Annotated[
        str | None, typer.Option(help="Names or types with commas: CLF,NER,QA,STS,NLI,POS; none: all of them.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder that holds general/ and legal/.")] = _DATA,
    work: Annotated[
        Path | None, typer.Option(help="Folder of unfinished searches, by default .finetuning in --out.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Fine-tune each encoder on each task by the same small search, and score the test once (Table 23)."""
    from mecelle.evaluation import record as records
    from mecelle.evaluation.finetuning.config import FineTuningConfig
    from mecelle.evaluation.finetuning.encoders import find_encoder
    from mecelle.evaluation.finetuning.search import fine_tune
    from mecelle.evaluation.finetuning.summary import table
    from mecelle.evaluation.finetuning.tasks import chosen

    config = parameters(FineTuningConfig, params, "finetuning", settings, FineTuningConfig())
    wanted = chosen(tasks.split(",") if tasks else None)
    found = [find_encoder(*named(encoder)) for encoder in encoders]
    for task in wanted:
        for encoder in found:
            fine_tune(encoder, task, data, out, config, seed=seed_of(seed, params), work=work or out / ".finetuning")
    rows, shared = table(records.read(out))
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps({"out": str(out), "tasks": shared, "means": rows}).decode() + "\n")
        return
    columns = list(next(iter(rows.values()), {}))
    shown = Table("model", *columns, title=f"{len(shared)} tasks")
    for model, means in rows.items():
        shown.add_row(model, *(f"{means[column]:.3f}" for column in columns))
    console.print(shown)
