"""`mecelle segment ...`: the sections of court decisions."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mecelle.base.naming import name_and_place
from mecelle.cli.common import Out, Params, Seed, Settings, apart, console, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

app = typer.Typer(help="Find the sections of court decisions (HukukBERT §3.7).", no_args_is_help=True)


@app.command(cls=takes("mecelle.segmentation.data:SectionDataConfig"))
@told
def data(
    decisions: Annotated[
        Path, typer.Argument(help="JSONL of decisions with labelled sections (headed, or with offsets).")
    ],
    out: Out,
    splits: Annotated[Path | None, typer.Option(help="docs/splits.json; without it a split is drawn by seed.")] = None,
    outside: Annotated[Path | None, typer.Option(help="Texts that are no decisions: JSONL, or a collection.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Take headings out of labelled decisions and divide them into train, development and test."""
    from mecelle.segmentation.data import SectionDataConfig, build_section_data

    config = parameters(SectionDataConfig, params, "section_data", settings, SectionDataConfig())
    build_section_data(decisions, out, config, seed=seed_of(seed, params), splits=splits, outside=outside)
    finish(out)


@app.command(cls=takes("mecelle.segmentation.config:SegmentConfig"))
@told
def train(
    decisions: Annotated[Path, typer.Argument(metavar="DATA", help="An artifact of `segment data`.")],
    out: Out,
    work: Annotated[Path, typer.Option(help="A killed training goes on from here.")] = Path("work/sectioner"),
    encoder: Annotated[
        str | None, typer.Option(help="Folder or hub id: tuned by model=windows, frozen by model=sentences.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train a sectioner: the small one that reads whole documents, or the paper's on windows of an encoder."""
    from mecelle.segmentation.config import SegmentConfig
    from mecelle.segmentation.epochs import SHOWN
    from mecelle.segmentation.train import train_sectioner

    config = parameters(SegmentConfig, params, "segment", settings, SegmentConfig())
    figures = train_sectioner(decisions, out, config, seed=seed_of(seed, params), work=work, encoder=encoder)
    finish(out, **{name: round(figures[name], 4) for name in SHOWN})


@app.command(cls=takes("mecelle.evaluation.section_scores:SectionScoresConfig"))
@told
def measure(
    models: Annotated[list[str], typer.Argument(help="Artifacts of `segment train`, each alone or as name=folder.")],
    data: Annotated[Path, typer.Option(help="Artifact of `segment data`: its test decisions are read.")],
    out: Out,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Score sectioners on the test decisions: every measure with its interval, harder forms, paired tests."""
    from mecelle.evaluation.section_scores import SectionScoresConfig, measure_sections
    from mecelle.segmentation.epochs import SHOWN

    config = parameters(SectionScoresConfig, params, "section_scores", settings, SectionScoresConfig())
    named = apart([(name, Path(folder)) for name, folder in map(_named, models)])
    result = measure_sections(named, data, out, config, seed=seed_of(seed, params))
    if sys.stdout.isatty():
        for variant in config.variants:
            table = Table("model", *SHOWN, title=f"{variant}: {result['n']} decisions")
            for name, forms in result["models"].items():
                table.add_row(name, *(_cell(forms[variant][one]) for one in SHOWN))
            console.print(table)
    finish(out)


@app.command(cls=takes("mecelle.recipes.entity_tagger:TaggerConfig"))
@told
def tagger(
    data: Annotated[
        Path, typer.Argument(help="Folder with legal/ner.jsonl.gz in it, as `evaluate finetune` reads it.")
    ],
    encoder: Annotated[str, typer.Option(help="Hugging Face folder or hub id that is tuned, or package:e5.")],
    out: Out,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Tune an encoder to find persons, institutions and more: what `segment apply --entities` takes."""
    from mecelle.evaluation.finetuning.encoders import find_encoder
    from mecelle.recipes.entity_tagger import TaggerConfig, train_tagger

    config = parameters(TaggerConfig, params, "entity_tagger", settings, TaggerConfig())
    trials = train_tagger(find_encoder(encoder, encoder), data, out, config, seed=seed_of(seed, params))
    finish(out, f1={f"{trial.learning_rate:g}": round(max(trial.dev), 4) for trial in trials})


@app.command()
@told
def apply(
    files: Annotated[list[Path], typer.Argument(help="Decisions: files or folders of any format.")],
    model: Annotated[
        str, typer.Option(help="An artifact of `segment train`; package:sectioner is the one that Mecelle brings.")
    ] = "package:sectioner",
    out: Annotated[
        Path | None, typer.Option(help="JSONL to write (.zst: compressed), failures beside it; by default to stdout.")
    ] = None,
    entities: Annotated[
        str | None,
        typer.Option(help="Folder of `segment tagger`, for persons and institutions; without it rules alone."),
    ] = None,
    articles: Annotated[
        Path | None, typer.Option(help="Acts that citations are linked to: a collection, or JSONL of articles.")
    ] = None,
    pages: Annotated[Path | None, typer.Option(help="Folder for a page of each decision, and index.html.")] = None,
) -> None:
    """Read decisions: one JSON object a document, with its sections, entities, citations and outcome."""
    from mecelle.base.accounts import Accounts
    from mecelle.base.artifacts import is_artifact
    from mecelle.base.errors import InputError
    from mecelle.documents.config import ExtractConfig
    from mecelle.documents.records import Failure
    from mecelle.segmentation.apply import apply as run
    from mecelle.segmentation.apply import result_files
    from mecelle.segmentation.config import STAGE
    from mecelle.segmentation.entities.links import Articles
    from mecelle.segmentation.entities.read import DecisionReader
    from mecelle.segmentation.entities.tagger import EntityTagger
    from mecelle.segmentation.page.page import Page, page_name, write_index, write_page
    from mecelle.segmentation.sectioner import load_sectioner

    for file in files:
        if is_artifact(file, stage=STAGE):
            raise InputError(f"{file}: a sectioner, no decision; give it with --model {file}")
    sectioner, accounts, written = load_sectioner(model), Accounts(), list[Page]()
    linked = Articles.read(articles) if articles else None
    reader = DecisionReader(tagger=EntityTagger(entities) if entities else None, articles=linked)
    with result_files(out, files) if out else nullcontext() as made:
        for one in run(sectioner, files, ExtractConfig(), accounts):
            if isinstance(one, Failure):
                typer.echo(f"{one.path} {one.position}: {one.reason}: {one.error}", err=True)
                if made:
                    made[1].write({slot: getattr(one, slot) for slot in Failure.__slots__})
                continue
            read = reader.read(one)
            if made:
                made[0].write(read.model_dump(mode="json"))
            else:
                sys.stdout.write(read.model_dump_json() + "\n")
            if pages:
                written.append(write_page(read, pages / page_name(read), linked))
    if pages:
        write_index(written, pages)
    typer.echo(accounts.sentence(), err=True)


def _named(model: str) -> tuple[str, str]:
    """Name and folder of `name=folder`; a folder alone has its own name."""
    name, folder = name_and_place(model)
    return Path(folder).name if name is None else name, folder


def _cell(figure: dict[str, float]) -> str:
    """`.850 [.781, .900]`."""
    from mecelle.evaluation.statistics.bootstrap import Interval

    return Interval.model_validate(figure).text()
