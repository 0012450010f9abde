"""`mecelle new`, `run`, `check`, `report`, `demo`: work with a workspace."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.allocator import ALLOCATOR
from mecelle.base.errors import ConfigError, InputError
from mecelle.cli.common import console, ensure_allocator, told

Workspace = Annotated[Path, typer.Option(help="The workspace; by default the folder you are in.")]

SEARCHES = (
    "ev sahibi kirayı ödemediğim için beni çıkarabilir mi",
    "işten haksız çıkarıldım, tazminat alabilir miyim",
    "trafik kazasında yaralandım, manevi tazminat",
)


@told
def new(
    recipe: Annotated[
        str,
        typer.Argument(
            help="house, mecellem-encoder, hukukbert, mecellem-embedding, turkembed4retrieval, mecellem-decoder or "
            "sections; docs/ tells of each."
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Documents: a file or folder; may be repeated. None: what the recipe brings, if anything."),
    ] = None,
    scale: Annotated[str, typer.Option(help="smoke, laptop, gpu or paper.")] = "laptop",
    queries: Annotated[Path | None, typer.Option(help="Questions with gold documents, to score searches by.")] = None,
    documents: Annotated[
        Path | None, typer.Option(help="The collection that they are asked of; by default the corpus.")
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json: what is held out of all training.")] = None,
    terms: Annotated[list[Path] | None, typer.Option(help="Lists of legal terms for the tokenizer.")] = None,
    general: Annotated[
        list[Path] | None,
        typer.Option(
            help="Text of no domain: for the encoder that is then adapted (hukukbert), beside the law "
            "(mecellem-decoder); sections: texts that are no decisions."
        ),
    ] = None,
    initial: Annotated[
        str | None,
        typer.Option(
            help="Model to go on from, a folder or hub id: hukukbert (in place of --general), mecellem-decoder, "
            "mecellem-embedding, turkembed4retrieval, sections."
        ),
    ] = None,
    cloze: Annotated[Path | None, typer.Option(help="hukukbert: items of the Legal Cloze Test.")] = None,
    heldout: Annotated[
        Path | None, typer.Option(help="Text that nothing is trained on: where loss and accuracy are measured.")
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Embedding and encoder recipes: a table of queries and documents, in place of pairs from the law."
        ),
    ] = None,
    nli: Annotated[
        Path | None, typer.Option(help="turkembed4retrieval: sentences with labels (premise, hypothesis).")
    ] = None,
    sts: Annotated[Path | None, typer.Option(help="turkembed4retrieval: sentences with scores.")] = None,
    qa: Annotated[
        Path | None, typer.Option(help="turkembed4retrieval: questions and answers, for a stage behind retrieval.")
    ] = None,
    ranking: Annotated[
        Path | None,
        typer.Option(help="turkembed4retrieval: queries, documents and wrong ones, for a stage behind that."),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            help="name=value, may be repeated; a wrong value tells the allowed ones. mecellem-encoder: generation, "
            "language, size; mecellem-decoder: first, judge; mecellem-embedding: loss, guide, start, size; "
            "turkembed4retrieval: order."
        ),
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="The truth of the bundled sample.")] = None,
    force: Annotated[bool, typer.Option(help="Rewrite dvc.yaml and params.yaml of an existing workspace.")] = False,
) -> None:
    """Write a recipe out as a workspace that you own."""
    from mecelle.documents.files import check_apart
    from mecelle.recipes import workspace
    from mecelle.recipes.catalogue import find
    from mecelle.recipes.graph import Inputs

    if documents and not queries:
        raise ConfigError("--documents is the collection that questions are asked of: give --queries, too")
    found = find(recipe)
    chosen = _variants(variant or [])
    given = Inputs(
        data=tuple(dict.fromkeys(_existing(path) for path in data or [])),
        queries=_existing(queries) if queries else None,
        documents=_existing(documents) if documents else None,
        splits=_existing(splits) if splits else None,
        terms=tuple(_existing(path) for path in terms or []),
        truth=_existing(truth) if truth else None,
        general=tuple(_existing(path) for path in general or []),
        initial=initial,
        cloze=_existing(cloze) if cloze else None,
        heldout=_existing(heldout) if heldout else None,
        pairs=_existing(pairs) if pairs else None,
        nli=_existing(nli) if nli else None,
        sts=_existing(sts) if sts else None,
        qa=_existing(qa) if qa else None,
        ranking=_existing(ranking) if ranking else None,
    )
    check_apart(folder, given.data)
    inputs, supply = found.inputs(recipe, scale, given, chosen)
    workspace.write(
        folder,
        name=recipe,
        scale=scale,
        title=found.title,
        recipe=found.recipe(scale, chosen),
        stages=found.stages(inputs),
        force=force,
    )
    if supply:
        supply.write(folder)
    _tell(
        f"Workspace {folder}: recipe {recipe}, scale {scale}.",
        f"Next: cd {folder}; mecelle check; mecelle run",
        str(folder),
    )


@told
def run(
    stage: Annotated[str | None, typer.Argument(help="Up to this stage; by default all.")] = None,
    workspace: Workspace = Path(),
    retrain: Annotated[bool, typer.Option(help="Train on documents that came after the first run, too.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for a trainer that outlived a killed run.")] = True,
) -> None:
    """Run what is missing or has changed; interrupted, it goes on from where it stopped."""
    ensure_allocator(ALLOCATOR)
    from mecelle.recipes import check as checking
    from mecelle.recipes import workspace as workspaces
    from mecelle.recipes.catalogue import find

    name, _ = workspaces.recipe_name(workspace)
    found = find(name)
    checking.check_inputs(workspace)
    workspaces.parameters(workspace, found.model)
    workspaces.run(workspace, target=stage, versions=found.versions(), retrain=retrain, wait=wait)
    report = (workspace / "report.html").resolve()
    asks = '; mecelle search "..."' if (workspace / "artifacts" / "index").exists() else ""  # not every recipe has one
    hint = f"Next: open {report}{asks}" if report.exists() else "Next: mecelle run"
    _tell(f"Workspace {workspace.resolve()} is up to date.", hint, str(workspace))


@told
def check(
    workspace: Workspace = Path(),
    dollars: Annotated[
        float | None, typer.Option(help="Price of one rented card for an hour; by default $1.49 (A100), $2.69 (H100).")
    ] = None,
) -> None:
    """Check parameters and inputs, and estimate time, memory, tokens and cost per stage, before anything runs."""
    ensure_allocator(ALLOCATOR)  # else the speed that is measured is not the speed of the run
    from mecelle.recipes import check as checking

    rows = checking.check(workspace, dollars_per_card_hour=dollars)
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps([row.model_dump() for row in rows]).decode() + "\n")
        sys.stdout.flush()
        checking.check_inputs(workspace)
        return
    table = Table("stage", "works on", "about", "memory", "how it was estimated", title="Before anything runs")
    for row in rows:
        about = ", ".join(part for part in (row.time_text(), row.cost_text()) if part)
        table.add_row(row.stage, row.volume, about, row.memory_text(), row.assumption)
    console.print(table)
    for row in rows:
        if row.warning:
            console.print(f"[bold yellow]Warning[/]: {escape(row.warning)}.", highlight=False, soft_wrap=True)
    checking.check_inputs(workspace)  # last: what needs no file is worth knowing before they are fetched
    seconds, cost = sum(row.seconds or 0.0 for row in rows), sum(row.dollars or 0.0 for row in rows)
    paid = f" and ${cost:,.0f}" if cost else ""
    console.print(
        f"Parameters and inputs are in order. In all about {checking.spoken(seconds)}{paid}. Next: mecelle run"
    )


@told
def report(
    workspace: Annotated[Path, typer.Argument(help="The workspace.")] = Path(),
    out: Annotated[Path | None, typer.Option(help="The page; by default report.html of the workspace.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="The truth of the bundled sample, to score what was found.")
    ] = None,
) -> None:
    """Write one self-contained HTML page about a workspace: what came in, what came out, curves, scores, searches."""
    from mecelle.recipes.report import write_report
    from mecelle.recipes.workspace import planted_truth

    page = out or workspace / "report.html"
    write_report(workspace, page, truth=truth or planted_truth(workspace))
    _tell(f"Report: {page.resolve()}", "Next: open it in a browser", str(page))


@told
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder for the sample, the workspace and the report.")],
    data: Annotated[Path | None, typer.Option(help="Your own file or folder in place of the bundled sample.")] = None,
    scale: Annotated[str, typer.Option(help="smoke, laptop, gpu or paper.")] = "smoke",
) -> None:
    """The whole chain, from documents to a report and three answered searches."""
    ensure_allocator(ALLOCATOR)
    from mecelle.cli.index import show
    from mecelle.documents.files import check_apart
    from mecelle.recipes.demo import prepare
    from mecelle.retrieval.search import Searcher

    check_apart(folder, [data] if data else [])
    place = prepare(folder, data=_existing(data) if data else None, scale=scale)
    run(workspace=place)
    searcher = Searcher(place / "artifacts" / "index")
    for query in SEARCHES:
        show(query, searcher.search(query, k=2))
    console.print(f"\nReport: {(place / 'report.html').resolve()}")
    console.print(f'More:   cd {place}; mecelle search "..."')


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    return path.resolve()


def _variants(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for name, equals, _ in pairs:
        if not equals:
            raise ConfigError(f"--variant {name}: expected NAME=VALUE, such as --variant language=fi")
    return {name: value for name, _, value in pairs}


def _tell(sentence: str, hint: str, out: str) -> None:
    if sys.stdout.isatty():
        console.print(sentence, soft_wrap=True, markup=False)
        console.print(hint, soft_wrap=True, markup=False)
    else:
        sys.stdout.write(orjson.dumps({"out": out, "message": sentence, "next": hint}).decode() + "\n")


def add_to(app: typer.Typer) -> None:
    """Put the commands at the top level."""
    for command in (new, run, check, report, demo):
        app.command()(command)
