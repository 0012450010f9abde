"""What the commands of `mecelle evaluate` share: where the data lie, and how texts of one's own are given."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.errors import InputError

DATA = Path("../shared/data")

Data = Annotated[
    Path,
    typer.Option(
        envvar="MECELLE_DATA", help="Folder that holds legal/ and general/; `mecelle evaluate tasks` says what."
    ),
]
Splits = Annotated[
    Path | None,
    typer.Option(
        envvar="MECELLE_SPLITS",
        help="What is kept for the test: file of `evaluate splits`; else splits.json in --data, else the one that "
        "comes with Mecelle.",
    ),
]
Results = Annotated[
    Path, typer.Option("--out", file_okay=False, help="Folder of records; what is there and still true is kept.")
]
Training = Annotated[
    Path | None,
    typer.Option(help="Documents that the models were trained on: scores are told without what they hold, too."),
]


def data_folder(data: Path) -> Path:
    """The folder of data. Raises InputError, saying what to give, if it is none."""
    if not any((data / part).is_dir() for part in ("legal", "general")):
        raise InputError(
            f"{data}: no folder with legal/ and general/ in it. Give yours with --data, or in the variable "
            "MECELLE_DATA; `mecelle evaluate tasks` lists the files that each task reads, and their fields. Your own "
            "questions need no such folder: mecelle evaluate retrieval --queries Q.csv --documents FOLDER"
        )
    return data


def splits_file(splits: Path | None, data: Path) -> Path:
    """The file of splits: the one that was given, else the one beside the data, else the shipped one.

    Raises InputError if the one that was given is absent.
    """
    if splits is None:
        beside = data / "splits.json"
        return beside if beside.is_file() else Path(str(files("mecelle.evaluation").joinpath("data", "splits.json")))
    if not splits.is_file():
        raise InputError(f"{splits}: no such file; `mecelle evaluate splits DATA/legal --out {splits}` makes it")
    return splits
