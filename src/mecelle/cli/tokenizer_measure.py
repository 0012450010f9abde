"""`mecelle tokenizer measure`: any list of tokenizers on the same lines."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from mecelle.cli.common import Params, Seed, Settings, console, finish, parameters, seed_of, told

if TYPE_CHECKING:
    from mecelle.tokenizer.measure.figures import Comparison, Figures


@told
def measure(
    tokenizers: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=PLACE...",
            help="A folder or tokenizer.json, a SentencePiece .model, a hub id, or package:e5. NAME= may be left out.",
        ),
    ],
    texts: Annotated[
        list[Path],
        typer.Option(help="An artifact with documents, JSON Lines with `text`, or .txt (each line a document)."),
    ],
    terms: Annotated[
        list[Path] | None, typer.Option(help="Lists of legal terms (JSONL with `term`, or one a line): their coverage.")
    ] = None,
    phrases: Annotated[
        Path | None, typer.Option(help="Phrases to cut, one a line; without it those of HukukBERT Table 5.")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Words of a treebank (JSONL with form, lemma, upos, feats): boundary F1.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="NAME that the others are divided by; the first if left out.")
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Documents to measure on, drawn by the seed.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for measurements.json and report.html.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Measure tokenizers: length of texts, losses, vocabulary, morphemes, legal terms, speed (HukukBERT, Mecellem)."""
    from mecelle.tokenizer.measure.comparison import Given, MeasureConfig, compare, write_comparison
    from mecelle.tokenizer.measure.places import parse_places

    config = parameters(MeasureConfig, params, "tokenizer_measure", settings, MeasureConfig())
    given_here = {name: value for name, value in (("baseline", baseline), ("sample", sample)) if value is not None}
    config = config.model_copy(update=given_here)
    places = parse_places(tokenizers)
    given = Given(texts=texts, terms=terms or [], phrases=phrases, gold=gold)
    command = shlex.join(["mecelle", *sys.argv[1:]])
    if out:
        found = write_comparison(out, places, given, config, seed=seed_of(seed, params), command=command)
    else:
        found = compare(places, given, config, seed=seed_of(seed, params), command=command)
    if sys.stdout.isatty():
        console.print(_table(found))
    if out:
        finish(out, **_summary(found))
    elif not sys.stdout.isatty():
        sys.stdout.write(orjson.dumps(_summary(found)).decode() + "\n")


def _summary(found: "Comparison") -> dict[str, object]:
    return {
        "baseline": found.baseline,
        "documents": found.measured.documents,
        "tokenizers": {one.name: one.model_dump(include={"vocabulary", "rates", "ratios"}) for one in found.tokenizers},
    }


def _table(found: "Comparison") -> Table:
    measured = found.measured
    shown = Table(
        title=f"{measured.lines:,} lines of {measured.documents:,} documents; ratios to {escape(found.baseline)}",
        title_justify="left",
    )
    shown.add_column("tokenizer")
    for name in ("vocabulary", "subwords/line", "ratio [95%]", "/word", "bytes/token", "unknown", "round trip", "MB/s"):
        shown.add_column(name, justify="right")
    for one in found.tokenizers:
        shown.add_row(*map(escape, _row(one)))
    return shown


def _row(one: "Figures") -> list[str]:
    ratio, rate = one.ratios.get("subwords_per_line"), {name: found.value for name, found in one.rates.items()}
    interval = f" [{ratio.low:.3f}, {ratio.high:.3f}]" if ratio and ratio.low is not None else ""
    return [
        one.name,
        f"{one.vocabulary:,}",
        f"{rate['subwords_per_line']:.2f}",
        f"{ratio.value:.3f}{interval}" if ratio else "1",
        f"{rate['tokens_per_word']:.2f}",
        f"{rate['bytes_per_token']:.2f}",
        f"{rate['unknown_share']:.3%}",
        f"{rate['exact_round_trip_share']:.1%}",
        f"{one.speed.encode_mb_per_s:.2f}" if one.speed else "",
    ]
