"""`mecelle corpus ocr`, and the options by which `extract` is given an OCR engine."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from mecelle.base.config import dump, parse
from mecelle.base.errors import ConfigError
from mecelle.cli.common import Params, Settings, console, parameters, served, told
from mecelle.documents.config import ExtractConfig

Engine = Annotated[
    str | None,
    typer.Option("--ocr", help="Reads scanned pages: tesseract, or MODEL@URL of an OpenAI-compatible vision endpoint."),
]
Pages = Annotated[Path | None, typer.Option(help="Folder that keeps the text of each scanned page, for all runs.")]


def with_ocr(config: ExtractConfig, engine: str | None, pages: Path | None) -> ExtractConfig:
    """`config` with the engine that the options name, over that of its file; and with the folder of the pages.

    Raises ConfigError if the engine is neither `tesseract` nor `MODEL@URL`, or a folder is given without an engine.
    """
    values = dump(config)
    if engine == "tesseract":
        values["ocr"] = {"engine": {"kind": "tesseract"}, "pages": (values["ocr"] or {}).get("pages")}
    elif engine:
        allowed = "tesseract, or MODEL@URL such as dots-ocr@http://host:8000/v1"
        endpoint = served(engine, option="--ocr", allowed=allowed)
        values["ocr"] = {
            "engine": {"kind": "vision", "endpoint": endpoint},
            "pages": (values["ocr"] or {}).get("pages"),
        }
    if pages:
        if not values["ocr"]:
            raise ConfigError("--pages keeps what an engine read: give one, such as --ocr tesseract")
        values["ocr"]["pages"] = str(pages)
    return parse(ExtractConfig, values, where="--ocr")


@told
def ocr(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders or zip archives with scanned PDF, TIFF, PNG, JPEG.")
    ],
    pages: Pages = None,
    engine: Engine = None,
    partition: Annotated[
        str, typer.Option(help="I/N: of N workers, who need not know of each other, the I-th from 0.")
    ] = "0/1",
    figure: Annotated[Path | None, typer.Option(help="SVG: how pages ended over time, in all runs so far.")] = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Read scanned pages ahead of `extract`, many in flight; run again, it reads what is missing."""
    # Here, since they load PyMuPDF and matplotlib, which no other command should wait for.
    from mecelle.documents.ocr.figure import completion_figure
    from mecelle.documents.ocr.rates import read_rates
    from mecelle.documents.ocr.stage import read_pages
    from mecelle.documents.ocr.store import PageStore

    config = with_ocr(parameters(ExtractConfig, params, "extract", settings, ExtractConfig()), engine, pages)
    number, _, of = partition.partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise ConfigError(f"--partition {partition}: expected I/N, such as 0/4")
    accounts, figures = read_pages(paths, config, partition=int(number), of=int(of))
    if figure and config.ocr and config.ocr.pages:
        logs = (PageStore(config.ocr.pages, config.ocr.engine).folder / "log").glob("*.jsonl")
        figure.write_text(completion_figure(read_rates(logs), title=config.ocr.engine.label), encoding="utf-8")
    if sys.stdout.isatty():
        console.print(f"{accounts.sentence()}; {figures['pages_per_second']} pages/s", soft_wrap=True)
    else:
        sys.stdout.write(orjson.dumps({"accounts": accounts.model_dump(), **figures}).decode() + "\n")
