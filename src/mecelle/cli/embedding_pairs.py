"""`mecelle embedding pairs|import|synthesise|blend|negatives|lengths`: what is trained on."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from mecelle.cli.common import Out, Params, Seed, Settings, console, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

Exclude = Annotated[list[Path] | None, typer.Option(help="Files of scored questions: their copies are refused.")]
Pairs = Annotated[Path, typer.Argument(help="An artifact of pairs, or a table of them.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle embedding`."""
    app.command(cls=takes("mecelle.embedding.pairs.build:PairsConfig"))(pairs)
    app.command("import", cls=takes("mecelle.embedding.pairs.imported:ImportConfig"))(import_)
    app.command(cls=takes("mecelle.embedding.pairs.synthetic:SynthesisConfig"))(synthesise)
    app.command(cls=takes("mecelle.embedding.pairs.mix:BlendConfig"))(blend)
    app.command(cls=takes("mecelle.embedding.negatives.mine:MiningConfig"))(negatives)
    app.command()(lengths)


@told
def pairs(
    training: Annotated[Path, typer.Argument(help="An artifact of `corpus select`.")],
    out: Out,
    exclude: Exclude = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make pairs of query and document from the documents' own structure: heading and article, summary and decision."""
    from mecelle.embedding.pairs.build import PairsConfig, build_pairs

    config = parameters(PairsConfig, params, "pairs", settings, PairsConfig())
    build_pairs(training, out, config, seed=seed_of(seed, params), exclude=exclude or [])
    finish(out)


@told
def import_(
    source: Annotated[Path, typer.Argument(help="A table, or hub:owner/name[,config=...][,split=...].")],
    out: Out,
    exclude: Exclude = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make pairs of a table: texts that belong together, graded pairs (STS), or labelled ones (NLI)."""
    from mecelle.embedding.pairs.imported import ImportConfig, import_pairs

    config = parameters(ImportConfig, params, "import", settings, ImportConfig())
    import_pairs(source, out, config, seed=seed_of(seed, params), exclude=exclude or [])
    finish(out)


@told
def synthesise(
    training: Annotated[Path, typer.Argument(help="An artifact of `corpus select`.")],
    out: Out,
    served: Annotated[str, typer.Option("--endpoint", help="MODEL@URL of an OpenAI-compatible server.")],
    cache: Annotated[Path | None, typer.Option(help="File of answers; by default beside --out.")] = None,
    exclude: Exclude = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Let a language model write the questions that passages answer."""
    from mecelle.base.config import parse
    from mecelle.cli.common import served as parted
    from mecelle.embedding.pairs.synthetic import SynthesisConfig
    from mecelle.embedding.pairs.synthetic import synthesise as run
    from mecelle.models.endpoint import Endpoint

    given = parted(served, option="--endpoint", allowed="MODEL@URL of a server")
    default = SynthesisConfig(endpoint=parse(Endpoint, given, where="--endpoint"))
    config = parameters(SynthesisConfig, params, "synthesise", settings, default, options={"endpoint": given})
    answers = cache or out.with_name(f"{out.name}.answers.jsonl")
    run(training, out, config, seed=seed_of(seed, params), cache=answers, exclude=exclude or [])
    finish(out)


@told
def blend(
    sources: Annotated[list[str], typer.Argument(help="name=pairs, such as natural=artifacts/pairs.")],
    out: Out,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Put pairs of several sources together, at equal or stated shares."""
    from mecelle.cli.common import apart, named
    from mecelle.embedding.pairs.mix import BlendConfig
    from mecelle.embedding.pairs.mix import blend as run

    config = parameters(BlendConfig, params, "blend", settings, BlendConfig())
    found = apart([named(one, "SOURCE") for one in sources])
    run({name: Path(place) for name, place in found.items()}, out, config, seed=seed_of(seed, params))
    finish(out)


@told
def negatives(pairs: Pairs, out: Out, params: Params = None, settings: Settings = None) -> None:
    """Find hard negatives by words or by any embedding model, none of them too near to the answer."""
    from mecelle.embedding.negatives.mine import MiningConfig, mine

    mine(pairs, out, parameters(MiningConfig, params, "negatives", settings, MiningConfig()))
    finish(out)


@told
def lengths(
    pairs: Pairs,
    model: Annotated[str, typer.Option(help="Folder or hub id whose tokenizer counts.")],
    max_length: Annotated[int, typer.Option(help="Tokens of a text in training.", min=1)] = 256,
) -> None:
    """How long queries and documents are in tokens, and what each maximum length would cut."""
    from mecelle.embedding.lengths import pair_lengths

    found = pair_lengths(pairs, Path(model) if Path(model).exists() else model, max_length=max_length)
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
        return
    table = Table(
        "texts", "count", "mean", "P99", "longest", *_limits(found), title="Tokens; under each limit: covered"
    )
    for side, told_of in found.items():
        shares = [f"{row['coverage']:.1%} (lost {row['share_lost']:.1%})" for row in told_of["by_limit"]]
        numbers = (f"{told_of['texts']:,}", f"{told_of['mean']:.1f}", f"{told_of['p99']:,}", f"{told_of['longest']:,}")
        table.add_row(side, *numbers, *shares)
    console.print(table)


def _limits(found: dict[str, dict[str, list[dict[str, int]]]]) -> list[str]:
    return [str(row["max_length"]) for row in found["queries"]["by_limit"]]
