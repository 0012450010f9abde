"""`mecelle index build` and `mecelle search`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.text import Text

from mecelle.base.errors import InputError
from mecelle.cli.common import Params, Settings, console, parameters, told
from mecelle.cli.settings import takes
from mecelle.retrieval.config import IndexConfig, Mode

app = typer.Typer(help="Build searchable indexes.", no_args_is_help=True)

WORKSPACE_INDEX = Path("artifacts/index")


@app.callback()
def group() -> None:
    """Build searchable indexes."""


@app.command(cls=takes("mecelle.retrieval.config:IndexConfig"))
@told
def build(
    sources: Annotated[list[Path], typer.Argument(help="Your files and folders, or artifacts of Mecelle.")],
    out: Annotated[Path, typer.Option(help="Folder of the index; building again brings it in line with the sources.")],
    model: Annotated[
        str | None,
        typer.Option(help="Folder, hub id or package:NAME (package:use); without it, search by words alone."),
    ] = None,
    chosen: Annotated[
        Path | None,
        typer.Option(help="chosen.json of an evaluation: how to search. If words did best, no vectors are made."),
    ] = None,
    takedowns: Annotated[
        Path | None, typer.Option(help="Log of `mecelle takedown`: what it names, and copies of that, leave at once.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that read files; 0: all cores.")] = 0,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make documents searchable; only new and changed files are read and embedded."""
    from mecelle.corpus.takedown_log import read_takedowns
    from mecelle.recipes.takedown import obey
    from mecelle.retrieval.index import build as run

    config = parameters(IndexConfig, params, "index", settings, IndexConfig())
    if chosen:
        config = _as_chosen(config, chosen)
        if config.mode == "bm25":
            model = None  # vectors that no search would ask for are not computed
    report = run(sources, out, config, model=_path_or_name(model), workers=workers or None)
    gone = obey(out, read_takedowns(takedowns)).documents if takedowns else 0
    if sys.stdout.isatty():
        console.print(report.sentence() + (f"; {gone:,} taken down" if gone else ""), soft_wrap=True)
        console.print(f'Next: mecelle search "..." --index {out}')
    else:
        values = {**asdict(report), "accounts": report.accounts.model_dump(), "taken_down": gone}
        sys.stdout.write(orjson.dumps(values, default=str).decode() + "\n")


def _path_or_name(model: str | None) -> str | Path | None:
    return Path(model) if model and Path(model).exists() else model


def _as_chosen(config: Any, path: Path) -> Any:
    """The mode and terms that did best on development queries, where the parameters leave it open ("auto")."""
    if not path.exists():
        raise InputError(f"{path}: no such file; `mecelle evaluate retrieval` writes it")
    found = orjson.loads(path.read_bytes())
    updates: dict[str, Any] = {}
    if config.mode == "auto":
        updates["mode"] = found["mode"]
        if found.get("terms"):
            updates["bm25"] = config.bm25.model_copy(update={"terms": found["terms"]})
    return config.model_copy(update=updates)


@told
def search(
    query: Annotated[str, typer.Argument(help="A question, words, a case number (2024/3494) or an article (TBK 49).")],
    index: Annotated[Path, typer.Option(help="An index of `mecelle index build`.")] = WORKSPACE_INDEX,
    k: Annotated[int, typer.Option("-k", "--number", min=1, help="How many results.")] = 5,
    mode: Annotated[Mode | None, typer.Option(help="bm25, dense or hybrid; the index knows which did best.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind: decision, statute, regulation, ...")] = None,
    court: Annotated[str | None, typer.Option(help="Only this court: Yargıtay, Danıştay, ...")] = None,
    law: Annotated[str | None, typer.Option(help="Only this act, by its number: 6098.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per result.")] = False,
) -> None:
    """Search an index: court, number, date and the best passage of each result."""
    from mecelle.retrieval.search import Filters, Searcher

    filters = Filters(kind=kind, court=court, law_number=law)
    hits = Searcher(index).search(query, k=k, mode=mode, filters=filters)
    if as_json or not sys.stdout.isatty():
        for hit in hits:
            sys.stdout.write(orjson.dumps(hit, default=str).decode() + "\n")
        return
    show(query, hits)


def show(query: str, hits: list[Any]) -> None:
    """Print results as a person reads them: where it stands, then the passage with the query's words marked."""
    asked = f"[bold]{escape(query)}[/]"
    console.print(f"\n{asked}" if hits else f"Nothing found for {asked}. Try fewer or other words.")
    for number, hit in enumerate(hits, start=1):
        title = f"  {escape(hit.title)}" if hit.title else ""
        console.print(f"\n[bold cyan]{number}. {escape(hit.citation)}[/]{title}", soft_wrap=True)
        console.print(_marked(hit))


def _marked(hit: Any, around: int = 420) -> Text:
    spans = list(hit.spans)
    first = min((start for start, _ in spans), default=0)
    left = max(0, first - around // 4)
    right = left + around
    text = Text(
        ("… " if left else "") + hit.passage[left:right].replace("\n", " ") + (" …" if right < len(hit.passage) else "")
    )
    shift = 2 if left else 0
    for start, end in spans:
        if left <= start < right:
            text.stylize("bold yellow", start - left + shift, end - left + shift)
    return text


def add_to(app: typer.Typer) -> None:
    """Put `mecelle search` beside `mecelle index`."""
    app.command()(search)
