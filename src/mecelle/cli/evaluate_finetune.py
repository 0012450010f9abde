"""`mecelle evaluate finetune ...`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.cli.common import Params, Seed, Settings, apart, console, parameters, seed_of, told
from mecelle.cli.evaluate_efficiency import named
from mecelle.cli.evaluate_options import DATA, Data, data_folder
from mecelle.cli.settings import preset_of, takes


def add_to(app: typer.Typer) -> None:
    """Add the command to `mecelle evaluate`."""
    app.command(cls=takes("mecelle.evaluation.finetuning.config:FineTuningConfig"))(finetune)


@told
def finetune(
    encoders: Annotated[
        list[str], typer.Argument(help="Hugging Face folder or hub id, random:FOLDER for fresh weights; name=ENCODER.")
    ],
    out: Annotated[
        Path,
        typer.Option(file_okay=False, help="Folder of records; what is there and still true is not trained again."),
    ],
    tasks: Annotated[
        str | None, typer.Option(help="Names or types with commas: CLF,NER,QA,STS,NLI,POS; none: all of them.")
    ] = None,
    data: Data = DATA,
    preset: Annotated[str | None, typer.Option(help="full (default), or small: minutes on two cores.")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder of unfinished searches, by default .finetuning in --out.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Fine-tune each encoder on each task by the same small search, and score the test once (Table 23)."""
    from mecelle.evaluation import record as records
    from mecelle.evaluation.finetuning.config import PRESETS, FineTuningConfig
    from mecelle.evaluation.finetuning.encoders import find_encoder
    from mecelle.evaluation.finetuning.search import fine_tune
    from mecelle.evaluation.finetuning.summary import grid_edges, table
    from mecelle.evaluation.finetuning.tasks import chosen

    default = preset_of(PRESETS, preset, params, default=PRESETS["full"])
    config = parameters(FineTuningConfig, params, "finetuning", settings, default)
    wanted = chosen(tasks.split(",") if tasks else None)
    folder = data_folder(data)
    found = [find_encoder(*one) for one in apart([named(encoder) for encoder in encoders]).items()]
    for task in wanted:
        for encoder in found:
            fine_tune(encoder, task, folder, out, config, seed=seed_of(seed, params), work=work or out / ".finetuning")
    made = records.read(out)
    rows, shared = table(made)
    edges = grid_edges(made)
    if not sys.stdout.isatty():
        means = {model: {column: asdict(mean) for column, mean in row.items()} for model, row in rows.items()}
        sys.stdout.write(
            orjson.dumps({"out": str(out), "tasks": shared, "means": means, "rates": edges}).decode() + "\n"
        )
        return
    columns = list(next(iter(rows.values()), {}))
    shown = Table("model", *columns, title=f"{len(shared)} tasks; ±: 95% over test items")
    for model, means_of in rows.items():
        shown.add_row(escape(model), *(means_of[column].text() for column in columns))
    console.print(shown)
    for model, sentence in edges.items():
        console.print(f"{escape(model)}: {sentence}", soft_wrap=True)
