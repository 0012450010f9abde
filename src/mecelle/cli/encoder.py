"""`mecelle encoder ...`."""

from pathlib import Path
from typing import Annotated

import typer

from mecelle.base.allocator import ALLOCATOR
from mecelle.cli.common import Out, Params, Seed, Settings, ensure_allocator, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

app = typer.Typer(help="Pre-train encoders, adapt them to law, average and choose checkpoints.", no_args_is_help=True)

Training = Annotated[Path, typer.Argument(help="An artifact of `corpus select`, `corpus mix` or `corpus build`.")]
Work = Annotated[Path, typer.Option(help="Folder for checkpoints; a killed run goes on from the last one.")]
Evaluation = Annotated[
    list[Path] | None, typer.Option(help="Files that the model will be scored on: the text must be clean of them.")
]
Terms = Annotated[
    list[Path] | None, typer.Option(help="Lists of legal terms for keyword masking, beside the corpus's dictionary.")
]


@app.command(cls=takes("mecelle.encoder.config:EncoderConfig"))
@told
def pretrain(
    training: Training,
    tokenizer: Annotated[str, typer.Option(help="A Hugging Face tokenizer: a folder or a hub id.")],
    out: Out,
    work: Work,
    evaluation: Evaluation = None,
    terms: Terms = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Pre-train an encoder from scratch by masked language modelling (Mecellem §3.3).

    On several cards or machines: torchrun --nproc-per-node 8 --no-python mecelle encoder pretrain ...
    """
    ensure_allocator(ALLOCATOR)
    from mecelle.encoder.config import EncoderConfig
    from mecelle.encoder.pretrain import pretrain as run
    from mecelle.training.processes import is_first

    config = parameters(EncoderConfig, params, "encoder", settings, EncoderConfig())
    run(
        training,
        folder_or_id(tokenizer),
        out,
        config,
        seed=seed_of(seed, params),
        work=work,
        evaluation=evaluation or [],
        terms=terms or [],
    )
    if is_first():
        finish(out)


@app.command(cls=takes("mecelle.encoder.adapt:AdaptConfig"))
@told
def adapt(
    model: Annotated[str, typer.Argument(help="A trained encoder with its head: a folder or a hub id.")],
    training: Training,
    out: Out,
    work: Work,
    tokenizer: Annotated[
        str | None, typer.Option(help="The tokenizer that it gets, a folder or a hub id; none: it keeps its own.")
    ] = None,
    evaluation: Evaluation = None,
    terms: Terms = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train an encoder further on law, with a legal vocabulary if one is given (HukukBERT §3.4 to §3.6)."""
    ensure_allocator(ALLOCATOR)
    from mecelle.encoder.adapt import AdaptConfig
    from mecelle.encoder.adapt import adapt as run
    from mecelle.training.processes import is_first

    config = parameters(AdaptConfig, params, "adapt", settings, AdaptConfig())
    run(
        folder_or_id(model),
        training,
        out,
        config,
        seed=seed_of(seed, params),
        work=work,
        tokenizer=folder_or_id(tokenizer) if tokenizer else None,
        evaluation=evaluation or [],
        terms=terms or [],
    )
    if is_first():
        finish(out)


@app.command()
@told
def average(
    checkpoints: Annotated[list[str], typer.Argument(help="Folders of one run's late checkpoints; two or more.")],
    out: Out,
) -> None:
    """The plain mean of several checkpoints' weights, as a model."""
    from mecelle.training.averaging import average as run

    run([folder_or_id(one) for one in checkpoints], out)
    finish(out)


@app.command(cls=takes("mecelle.recipes.choice.config:ChoiceConfig"))
@told
def choose(
    checkpoints: Annotated[
        list[str], typer.Argument(help="Runs with snapshots, models' folders or hub ids; name=MODEL names one.")
    ],
    queries: Annotated[Path, typer.Option(help="JSONL (id, query, gold) or CSV (query, gold).")],
    documents: Annotated[Path, typer.Option(help="JSONL (id, text), or an artifact with documents.")],
    heldout: Annotated[Path, typer.Option(help="JSONL with text, or an artifact, that nothing was trained on.")],
    out: Out,
    work: Annotated[Path, typer.Option(help="Folder of what another call need not do again.")],
    splits: Annotated[
        Path | None, typer.Option(help="docs/splits.json: development chooses, test is scored once.")
    ] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="An artifact of `embedding pairs`: every candidate is shortly trained on it.")
    ] = None,
    guide: Annotated[Path | None, typer.Option(help="An artifact of `embedding guide`, for that training.")] = None,
    treebank: Annotated[Path | None, typer.Option(help="Words with their morphology, for probes.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of vectors that runs share.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Choose a checkpoint by what it is worth in retrieval, not by its loss alone (Mecellem §4.1, Figs. 7 and 8)."""
    ensure_allocator(ALLOCATOR)
    from mecelle.recipes.choice.config import ChoiceConfig
    from mecelle.recipes.choice.run import choose as run

    decision = run(
        checkpoints,
        out,
        parameters(ChoiceConfig, params, "choice", settings, ChoiceConfig()),
        queries=queries,
        documents=documents,
        heldout=heldout,
        work=work,
        seed=seed_of(seed, params),
        splits=splits,
        pairs=pairs,
        guide=guide,
        treebank=treebank,
        cache=cache,
    )
    finish(out, chosen=decision.chosen, verdict=decision.sentence, page=str(out / "choice.html"))


def folder_or_id(name: str) -> Path | str:
    """A path if it exists here, else the name as it is: a hub id."""
    return Path(name) if Path(name).exists() else name
