"""`mecelle evaluate cloze`, `mlm` and `perplexity`: tasks that need a language model's head."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.errors import ConfigError
from mecelle.cli.common import Params, Seed, Settings, console, parameters, seed_of, told
from mecelle.cli.evaluate_efficiency import named

if TYPE_CHECKING:
    from mecelle.evaluation.language_models import Bench
    from mecelle.evaluation.tasks.texts import HeldOutText

Models = Annotated[list[str], typer.Argument(help="Folder or hub id of a masked or causal language model; name=MODEL.")]
Results = Annotated[Path, typer.Option("--out", help="Folder of records; what is there and still true is kept.")]
Training = Annotated[
    Path | None, typer.Option(help="What the models were trained on: scores are told without what it holds, too.")
]
Data = Annotated[Path, typer.Option(help="The folder that holds legal/ and general/.")]
Splits = Annotated[Path, typer.Option(help="docs/splits.json.")]
Side = Annotated[str, typer.Option(help="Of the splits: development chooses, test is scored once per claim.")]
Texts = Annotated[
    list[str] | None, typer.Option(help="DOMAIN=FILE of your own texts in place of --data: JSONL, or an artifact.")
]
Field = Annotated[str, typer.Option(help="Where a row's text stands, such as truth in newmindai/EuroHPC-Legal.")]
By = Annotated[str | None, typer.Option(help="Field that divides each file into domains, such as category.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps.")]
BatchSize = Annotated[int, typer.Option(help="Sequences at a time; memory is bounded besides.")]

DATA = Path("../shared/data")
SPLITS = Path("docs/splits.json")


@told
def cloze(
    models: Models,
    out: Results,
    items: Annotated[Path, typer.Option(help="JSONL (id, sentence, options, gold).")] = DATA / "legal/cloze.jsonl.gz",
    prompts: Annotated[
        Path | None, typer.Option(help="JSONL (id, area, sentence, wanted) for the models' own words; none: ours.")
    ] = None,
    training: Training = None,
    device: Device = "cpu",
    batch_size: BatchSize = 32,
    seed: Seed = None,
) -> None:
    """Legal Cloze Test, scored in every way, with tests between ways and between models (HukukBERT Table 6)."""
    from mecelle.evaluation import cloze_report as report
    from mecelle.evaluation.tasks import cloze as task
    from mecelle.evaluation.tasks.free_vocabulary import read_prompts

    found, accounts = task.read_items(items)
    wanted, number = read_prompts(prompts), seed_of(seed, None)
    ranks, records, words = {}, [], {}
    for bench in _benches(models, out, training, seed=number, split="test", device=device, batch_size=batch_size):
        records.append(bench.cloze(found))
        ranks[bench.name] = task.read_ranks(bench.scores_file, found)
        if bench.is_filler:
            words[bench.name] = bench.free_vocabulary(wanted)
    tables = [
        report.accuracies(ranks, seed=number),
        report.groups(records),
        report.between_ways(ranks),
        report.between_models(ranks),
        report.own_words(words),
    ]
    _show([table for table in tables if table["rows"]], accounts=accounts.sentence())


@told
def mlm(
    models: Models,
    out: Results,
    data: Data = DATA,
    splits: Splits = SPLITS,
    side: Side = "test",
    texts: Texts = None,
    field: Field = "text",
    by: By = None,
    training: Training = None,
    device: Device = "cpu",
    batch_size: BatchSize = 32,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Accuracy on masked words by domain, 15% with 80-10-10 (Mecellem Table 13)."""
    from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig

    config = parameters(MaskedAccuracyConfig, params, "mlm", settings, MaskedAccuracyConfig())
    found, number = _texts(texts, data, splits, side, field=field, by=by), seed_of(seed, params)
    benches = _benches(models, out, training, seed=number, split=side, device=device, batch_size=batch_size)
    records = [one for bench in benches for one in bench.masked_accuracy(found, config)]
    extra = ("word_accuracy_top5", "token_accuracy", "token_masks.accuracy", "word_accuracy.untouched")
    _show([_by_domain("Accuracy of masked words", records, extra, number)])


@told
def perplexity(
    models: Models,
    out: Results,
    data: Data = DATA,
    splits: Splits = SPLITS,
    side: Side = "test",
    texts: Texts = None,
    field: Field = "text",
    by: By = None,
    training: Training = None,
    device: Device = "cpu",
    batch_size: BatchSize = 32,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Bits per byte and perplexity by domain (Mecellem Table 17); of masked models, of the pseudo-likelihood."""
    from mecelle.evaluation.tasks.perplexity import PerplexityConfig

    config = parameters(PerplexityConfig, params, "perplexity", settings, PerplexityConfig())
    found, number = _texts(texts, data, splits, side, field=field, by=by), seed_of(seed, params)
    benches = _benches(models, out, training, seed=number, split=side, device=device, batch_size=batch_size)
    records = [one for bench in benches for one in bench.perplexity(found, config)]
    _show(
        [_by_domain("Bits per byte", records, ("bits_per_byte_pooled", "perplexity", "perplexity.untouched"), number)]
    )


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle evaluate`."""
    for command in (cloze, mlm, perplexity):
        app.command()(command)


def _benches(
    models: Sequence[str],
    out: Path,
    training: Path | None,
    *,
    seed: int,
    split: str,
    device: str,
    batch_size: int,
) -> Iterator["Bench"]:
    from mecelle.evaluation.language_models import Bench
    from mecelle.evaluation.leakage import TrainingText
    from mecelle.models.language import load_language_model

    for name, place in map(named, models):
        model = load_language_model(place, device=device, batch_size=batch_size)
        text = TrainingText(training, model.folder) if training else None
        yield Bench(model, out, name=name, split=split, seed=seed, training=text)


def _texts(
    texts: Sequence[str] | None, data: Path, splits: Path, side: str, *, field: str, by: str | None
) -> "list[HeldOutText]":
    from mecelle.evaluation.tasks.texts import read_texts, standard_texts

    if side not in ("development", "test"):
        raise ConfigError(f"--side {side}: allowed are development and test")
    if not texts:
        return standard_texts(data, splits, "test" if side == "test" else "development")
    sources = {}
    for text in texts:
        domain, equals, place = text.partition("=")
        if not equals:
            raise ConfigError(f"--texts {text}: expected DOMAIN=FILE, such as tax=tax.jsonl")
        sources[domain] = Path(place)
    return read_texts(sources, field=field, by=by)


def _by_domain(title: str, records: Sequence[Any], extra: Sequence[str], seed: int) -> dict[str, Any]:
    from mecelle.evaluation.statistics.bootstrap import interval

    rows = []
    for one in records:
        told_interval = interval(one.values, seed=seed)
        row = {"model": one.model, "task": one.task, "documents": one.n, one.main_score: told_interval.text()}
        rows.append(row | {name: f"{one.scores[name]:.3f}" if name in one.scores else "" for name in extra})
    return {"title": title, "rows": rows}


def _show(tables: Sequence[Mapping[str, Any]], **more: Any) -> None:
    """Tables for a person, one JSON line for a program."""
    if not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps({"tables": tables, **more}).decode() + "\n")
        return
    for table in tables:
        shown = Table(*(name.replace("_", " ") for name in table["rows"][0]), title=escape(table["title"]))
        for row in table["rows"]:
            shown.add_row(*(escape(str(value)) for value in row.values()))
        console.print(shown)
    for line in more.values():
        console.print(escape(str(line)))
