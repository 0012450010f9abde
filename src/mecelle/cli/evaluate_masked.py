"""`mecelle evaluate cloze`, `mlm` and `perplexity`: tasks that need a language model's head."""

import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError
from mecelle.base.naming import name_and_place
from mecelle.cli.common import Device, Params, Seed, Settings, apart, console, parameters, seed_of, told
from mecelle.cli.evaluate_efficiency import named
from mecelle.cli.evaluate_options import DATA, Data, Results, Splits, Training, data_folder, splits_file
from mecelle.cli.settings import takes

if TYPE_CHECKING:
    from mecelle.evaluation.language_models import Bench
    from mecelle.evaluation.tasks.texts import HeldOutText

Models = Annotated[list[str], typer.Argument(help="Folder or hub id of a masked or causal language model; name=MODEL.")]
Side = Annotated[str, typer.Option(help="Of the splits: development chooses, test is scored once per claim.")]
Texts = Annotated[
    list[str] | None, typer.Option(help="DOMAIN=FILE of your own texts in place of --data: JSONL, or an artifact.")
]
Field = Annotated[str, typer.Option(help="Where a row's text stands, such as truth in newmindai/EuroHPC-Legal.")]
By = Annotated[str | None, typer.Option(help="Field that divides each file into domains, such as category.")]
BatchSize = Annotated[int, typer.Option(help="Sequences at a time; memory is bounded besides.")]

CLOZE_ITEMS = "legal/cloze.jsonl.gz"


@told
def cloze(
    models: Models,
    out: Results,
    items: Annotated[
        Path | None, typer.Option(help=f"JSONL (id, sentence, options, gold); none: {CLOZE_ITEMS} of --data.")
    ] = None,
    data: Data = DATA,
    prompts: Annotated[
        Path | None, typer.Option(help="JSONL (id, area, sentence, wanted) for the models' own words; none: ours.")
    ] = None,
    training: Training = None,
    device: Device = None,
    batch_size: BatchSize = 32,
    seed: Seed = None,
) -> None:
    """Legal Cloze Test, scored in every way, with tests between ways and between models (HukukBERT Table 6)."""
    from mecelle.evaluation import cloze_report as report
    from mecelle.evaluation.tasks import cloze as task
    from mecelle.evaluation.tasks.free_vocabulary import read_prompts

    found, accounts = task.read_items(items or data_folder(data) / CLOZE_ITEMS)
    wanted, number = read_prompts(prompts), seed_of(seed, None)
    ranks, records, words = {}, [], {}
    for bench in benches(models, out, training, seed=number, split="test", device=device, batch_size=batch_size):
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
    show_tables([table for table in tables if table["rows"]], accounts=accounts.sentence())


@dataclass(frozen=True)
class Measure:
    """A command that scores held-out texts by domain."""

    about: str
    config: str
    """module:Class of its parameters, whose section in params.yaml has the command's name."""
    method: str
    """Of `Bench`."""
    title: str
    columns: tuple[str, ...]
    """Scores that are told beside the main one."""


MEASURES = {
    "mlm": Measure(
        "Accuracy on masked words by domain, 15% with 80-10-10 (Mecellem Table 13).",
        "mecelle.evaluation.tasks.masked_accuracy:MaskedAccuracyConfig",
        "masked_accuracy",
        "Accuracy of masked words",
        ("word_accuracy_top5", "token_accuracy", "token_masks.accuracy", "word_accuracy.untouched"),
    ),
    "perplexity": Measure(
        "Bits per byte and perplexity by domain (Mecellem Table 17); of masked models, of the pseudo-likelihood.",
        "mecelle.evaluation.tasks.perplexity:PerplexityConfig",
        "perplexity",
        "Bits per byte",
        ("bits_per_byte_pooled", "perplexity", "perplexity.untouched"),
    ),
}


def _command(name: str, measure: Measure) -> Callable[..., None]:
    @told
    def command(
        models: Models,
        out: Results,
        data: Data = DATA,
        splits: Splits = None,
        side: Side = "test",
        texts: Texts = None,
        field: Field = "text",
        by: By = None,
        training: Training = None,
        device: Device = None,
        batch_size: BatchSize = 32,
        seed: Seed = None,
        params: Params = None,
        settings: Settings = None,
    ) -> None:
        kind: type[Config] = pkgutil.resolve_name(measure.config)
        config = parameters(kind, params, name, settings, kind())
        found, number = _texts(texts, data, splits, side, field=field, by=by), seed_of(seed, params)
        wanted = benches(models, out, training, seed=number, split=side, device=device, batch_size=batch_size)
        records = [one for bench in wanted for one in getattr(bench, measure.method)(found, config)]
        show_tables([_by_domain(measure.title, records, measure.columns, number)])

    return command


def add_to(app: typer.Typer) -> None:
    """Add the commands to `mecelle evaluate`."""
    app.command()(cloze)
    for name, measure in MEASURES.items():
        app.command(name, help=measure.about, cls=takes(measure.config))(_command(name, measure))


def benches(
    models: Sequence[str],
    out: Path,
    training: Path | None,
    *,
    seed: int,
    split: str,
    device: str | None,
    batch_size: int,
) -> Iterator["Bench"]:
    """Each model, loaded when its turn comes.

    models: name=MODEL; training: what they were trained on, if known; device: None takes a GPU if there is one.
    """
    from mecelle.evaluation.language_models import Bench
    from mecelle.evaluation.leakage import TrainingText
    from mecelle.models.language import load_language_model
    from mecelle.models.loading import usual_device

    for name, place in apart([named(model) for model in models]).items():
        model = load_language_model(place, device=device or usual_device(), batch_size=batch_size)
        text = TrainingText(training, model.folder) if training else None
        yield Bench(model, out, name=name, split=split, seed=seed, training=text)


def _texts(
    texts: Sequence[str] | None, data: Path, splits: Path | None, side: str, *, field: str, by: str | None
) -> "list[HeldOutText]":
    from mecelle.evaluation.tasks.texts import read_texts, standard_texts

    if side not in ("development", "test"):
        raise ConfigError(f"--side {side}: allowed are development and test")
    if not texts:
        folder = data_folder(data)
        return standard_texts(folder, splits_file(splits, folder), "test" if side == "test" else "development")
    sources = {}
    for text in texts:
        domain, place = name_and_place(text)
        if not domain:
            raise ConfigError(f"--texts {text}: expected DOMAIN=FILE, such as tax=tax.jsonl")
        sources[domain] = Path(place)
    return read_texts(sources, field=field, by=by)


def _by_domain(title: str, records: Sequence[Any], extra: Sequence[str], seed: int) -> dict[str, Any]:
    from mecelle.evaluation.statistics.bootstrap import interval

    rows = []
    for one in records:
        told_interval = interval(one.values, seed=seed)
        row = {"model": one.model, "task": one.task, "documents": one.n, one.main_score: told_interval.text()}
        known = [name for name in extra if one.leakage_known or not name.endswith(".untouched")]
        rows.append(row | {name: f"{one.scores[name]:.3f}" if name in one.scores else "" for name in known})
    return {"title": title, "rows": rows}


def show_tables(tables: Sequence[Mapping[str, Any]], **more: Any) -> None:
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
