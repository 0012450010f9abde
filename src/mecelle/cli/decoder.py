"""`mecelle decoder ...`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mecelle.base.allocator import ALLOCATOR
from mecelle.base.errors import ConfigError
from mecelle.cli.common import (
    Device,
    Out,
    Params,
    Seed,
    Settings,
    apart,
    ensure_allocator,
    finish,
    parameters,
    seed_of,
    told,
)
from mecelle.cli.encoder import Evaluation, Training, Work, folder_or_id
from mecelle.cli.evaluate_efficiency import named
from mecelle.cli.evaluate_generation import show_rewards
from mecelle.cli.evaluate_masked import BatchSize, benches, show_tables
from mecelle.cli.evaluate_options import Results
from mecelle.cli.settings import apart as section
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.decoder.curriculum.plan import Curriculum
    from mecelle.evaluation.tasks.perplexity import PerplexityConfig

app = typer.Typer(
    help="Train decoders from scratch or in phases, and tell what they learnt and forgot.", no_args_is_help=True
)

Tokenizer = Annotated[
    str | None, typer.Option(help="A Hugging Face tokenizer, a folder or a hub id; none: that of --initial.")
]
CurriculumName = Annotated[
    str | None, typer.Option(help="Phases: a name, a YAML of one's own, or FILE:SECTION; --set curriculum.KEY=VALUE.")
]
PanelPath = Annotated[Path, typer.Option(help="What `decoder holdout` made, or its heldout.jsonl.")]
Side = Annotated[str, typer.Option(help="development chooses, test is scored once per claim.")]


@app.command(cls=takes("mecelle.decoder.config:DecoderConfig"))
@told
def pretrain(
    training: Training,
    out: Out,
    work: Work,
    tokenizer: Tokenizer = None,
    initial: Annotated[
        str | None, typer.Option(help="A causal model to go on from, a folder or a hub id; none: a new one.")
    ] = None,
    curriculum: CurriculumName = None,
    phases: Annotated[
        str | None, typer.Option(help="Train only these of the curriculum: numbers or names, such as 2,3,4.")
    ] = None,
    evaluation: Evaluation = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train a causal language model, at once or by a curriculum of phases (Mecellem §3.4).

    On several cards or machines: torchrun --nproc-per-node 8 --no-python mecelle decoder pretrain ...
    """
    ensure_allocator(ALLOCATOR)
    from mecelle.decoder.config import DecoderConfig
    from mecelle.decoder.curriculum.plan import choose
    from mecelle.decoder.curriculum.run import pretrain_in_phases
    from mecelle.decoder.pretrain import pretrain as run
    from mecelle.training.processes import is_first

    if phases and not curriculum:
        raise ConfigError("--phases: names phases of a curriculum; give one with --curriculum")
    of_phases, own = section("curriculum", settings)
    if of_phases and not curriculum:
        raise ConfigError("--set curriculum.KEY: changes a curriculum; give one with --curriculum")
    config = parameters(DecoderConfig, params, "decoder", own, DecoderConfig())
    start = folder_or_id(initial) if initial else None
    how = {"seed": seed_of(seed, params), "work": work, "evaluation": evaluation or [], "initial": start}
    if curriculum:
        plan = _curriculum(curriculum, of_phases)
        plan = choose(plan, phases.split(",")) if phases else plan
        pretrain_in_phases(training, _tokenizer(tokenizer, initial), out, config, plan, **how)  # type: ignore[arg-type]
    else:
        run(training, _tokenizer(tokenizer, initial), out, config, **how)  # type: ignore[arg-type]
    if is_first():
        finish(out)


@app.command(cls=takes("mecelle.decoder.curriculum.holdout:HoldOutConfig"))
@told
def holdout(
    collections: Annotated[list[Path], typer.Argument(help="Artifacts or folders of documents; they become one.")],
    out: Out,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Take text out of training that perplexity is measured on: acts by field of law, decisions, general text."""
    from mecelle.decoder.curriculum.holdout import HoldOutConfig, hold_out

    hold_out(
        collections,
        out,
        parameters(HoldOutConfig, params, "holdout", settings, HoldOutConfig()),
        seed=seed_of(seed, params),
    )
    finish(out)


@app.command(cls=takes("mecelle.evaluation.tasks.perplexity:PerplexityConfig"))
@told
def perplexity(
    models: Annotated[
        list[str],
        typer.Argument(help="Causal models, folders or hub ids, name=MODEL; of `decoder pretrain`, every phase."),
    ],
    panel: PanelPath,
    out: Results,
    side: Side = "test",
    boundaries: Annotated[bool, typer.Option(help="Score the boundary of every phase, too.")] = True,
    training: Annotated[
        Path | None, typer.Option(help="Documents that the models were trained on: records tell what they hold.")
    ] = None,
    device: Device = None,
    batch_size: BatchSize = 8,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Perplexity and bits per byte by field of law, court and general domain, against the first model (Tables 17-19).

    Intervals of 95% over documents, which are the same for every model.
    """
    from mecelle.evaluation.tasks.perplexity import PerplexityConfig

    places = _with_boundaries(models) if boundaries else apart([named(model) for model in models])
    show_tables(
        _measure(
            places,
            parameters(PerplexityConfig, params, "perplexity", settings, PerplexityConfig()),
            panel=panel,
            out=out,
            side=side,
            seed=seed_of(seed, params),
            training=training,
            device=device,
            batch_size=batch_size,
        )
    )


@app.command(cls=takes("mecelle.decoder.config:DecoderConfig"))
@told
def study(
    kind: Annotated[str, typer.Argument(help="start, rates, shares, boundaries or order.")],
    training: Training,
    panel: PanelPath,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of decoders, records and study.json.")],
    work: Work,
    curriculum: Annotated[str, typer.Option(help="Phases, as in `decoder pretrain`.")] = "laptop",
    initial: Annotated[
        list[str] | None, typer.Option(help="Model to go on from, name=MODEL; several for `start`.")
    ] = None,
    values: Annotated[
        str | None,
        typer.Option(help="With commas: peak rates; shares of law, or of all phases before the last; arms of `order`."),
    ] = None,
    tokenizer: Tokenizer = None,
    side: Side = "development",
    judge: Annotated[
        Path | None, typer.Option(help="An artifact of `reward train`: judges what the arms answer to --questions.")
    ] = None,
    questions: Annotated[Path | None, typer.Option(help="JSONL of question and answer (or truth).")] = None,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train variants of a curriculum and compare them by the panel: start, rate, share of law, order."""
    ensure_allocator(ALLOCATOR)
    from mecelle.decoder.config import DecoderConfig
    from mecelle.evaluation.generation import GenerationConfig, benchmark, read_questions
    from mecelle.evaluation.tasks.perplexity import PerplexityConfig
    from mecelle.recipes.decoder_study import RECORDS, run, write_tables

    of_phases, others = section("curriculum", settings)
    of_perplexity, others = section("perplexity", others)
    of_generation, own = section("generation", others)
    if (judge is None) != (questions is None) or (of_generation and not judge):
        raise ConfigError("--judge, --questions and --set generation.KEY go together; give the first two, or none")
    # All that can be wrong is told before the arms are trained, which takes hours. A recipe has no section of answers.
    how_asked = parameters(PerplexityConfig, params, "perplexity", of_perplexity, PerplexityConfig())
    how_judged = parameters(GenerationConfig, None, "generation", of_generation, GenerationConfig())
    if questions:
        list(read_questions(questions))
    initials = apart([named(one) for one in initial or []])
    places = run(
        kind,
        training,
        _tokenizer(tokenizer, initial[0] if initial else None),
        out,
        parameters(DecoderConfig, params, "decoder", own, DecoderConfig()),
        _curriculum(curriculum, of_phases),
        initials=initials,
        values=values.split(",") if values else [],
        panel=panel,
        seed=seed_of(seed, params),
        work=work,
    )
    models = initials | places if len(initials) == 1 else places
    tables = _measure(
        models, how_asked, panel=panel, out=out / RECORDS, side=side, seed=seed_of(seed, params), device=device
    )
    write_tables(out, tables)
    show_tables(tables)
    if judge and questions:
        from mecelle.models.loading import usual_device

        where, drawn = device or usual_device(), seed_of(seed, params)
        show_rewards(benchmark(models, judge, questions, out / "generation", how_judged, seed=drawn, device=where))


def _measure(
    models: Mapping[str, Path | str],
    config: "PerplexityConfig",
    *,
    panel: Path,
    out: Path,
    side: str,
    seed: int,
    training: Path | None = None,
    device: str | None = None,
    batch_size: int = 8,
) -> list[dict[str, Any]]:
    """Tables of the panel over models; their records are kept in `out`."""
    from mecelle.evaluation.panel import Panel, read_panel, tables

    texts = read_panel(panel, side)
    told_as = [f"{name}={place}" for name, place in models.items()]
    found = {
        bench.name: bench.perplexity(texts, config)
        for bench in benches(told_as, out, training, seed=seed, split=side, device=device, batch_size=batch_size)
    }
    return tables(Panel(found, seed=seed, groups={one.id: one.group for one in texts}))


def _with_boundaries(models: Sequence[str]) -> dict[str, Path | str]:
    """The models, and behind each that was trained in phases its boundaries in their place."""
    from mecelle.decoder.curriculum.run import read_boundaries

    found: list[tuple[str, Path | str]] = []
    for name, place in map(named, models):
        phases = read_boundaries(place) if isinstance(place, Path) else []
        found += [(f"{name} {phase}", folder) for phase, folder in phases] if len(phases) > 1 else [(name, place)]
    return apart(found)


def _curriculum(name: str, settings: Sequence[str]) -> "Curriculum":
    from mecelle.decoder.curriculum.named import load_curriculum
    from mecelle.decoder.curriculum.plan import Curriculum

    return parameters(Curriculum, None, "curriculum", list(settings), load_curriculum(name))


def _tokenizer(tokenizer: str | None, initial: str | None) -> Path | str:
    """The tokenizer that was given, else that of the model that goes on."""
    if tokenizer is None and initial is None:
        raise ConfigError("a new model needs a tokenizer: give one with --tokenizer, or a model with --initial")
    return folder_or_id(tokenizer) if tokenizer else named(str(initial))[1]
