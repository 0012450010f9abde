"""`mecelle tokenizer ...`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mecelle.base.artifacts import read_record
from mecelle.cli.common import Out, Params, Seed, Settings, errors, finish, parameters, seed_of, told
from mecelle.cli.settings import preset_of, takes
from mecelle.cli.tokenizer_measure import measure

app = typer.Typer(help="Train and measure tokenizers.", no_args_is_help=True)
app.command(cls=takes("mecelle.tokenizer.measure.comparison:MeasureConfig"))(measure)


@app.command(cls=takes("mecelle.tokenizer.stage:TokenizerConfig"))
@told
def train(
    corpus: Annotated[Path, typer.Argument(help="An artifact of `corpus build`, `corpus select` or `corpus mix`.")],
    out: Out,
    terms: Annotated[
        list[Path] | None, typer.Option(help="Lists of legal terms (JSONL with `term`, or one a line) as seeds.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Parameters of a paper: hukukbert, mecellem.")] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train a tokenizer: WordPiece, byte-level BPE or Unigram, seeded with legal terms (HukukBERT §3.3).

    Algorithms: wordpiece.v1, bpe.v1, unigram.v1, unigram_bytes.v1. Patterns: digits.v1, bert.v1, whitespace.v1; with
    bpe.v1 llama.v1, gpt2.v1, legal.v1. Families: modernbert, bert; with bpe.v1 also qwen3. Segmentation: akana.v1.
    Terms that the dictionaries in the corpus explain are seeds, too.
    """
    from mecelle.tokenizer.stage import PRESETS, TokenizerConfig, train_tokenizer

    default = preset_of(PRESETS, preset, params, default=TokenizerConfig())
    config = parameters(TokenizerConfig, params, "tokenizer", settings, default)
    train_tokenizer(corpus, out, config, seed=seed_of(seed, params), seeds=terms or [])
    record = read_record(out)
    assert record is not None
    for sentence in _told(record.figures, wanted=config.vocab_size):
        errors.print(sentence, markup=False, highlight=False, soft_wrap=True)
    finish(out, seeds=record.figures["seeds"], measured=record.figures["measured"])


def _told(figures: dict[str, Any], *, wanted: int) -> Iterator[str]:
    """What a person should know beside the accounts."""
    seeds, measured = figures["seeds"], figures["measured"]
    if figures["decomposed"]:
        yield f"Warning: {figures['decomposed']:,} documents came with decomposed letters (NFD), which were joined."
    if figures["pruned"]:
        yield "Warning: {words:,} rare words ({occurrences:,} occurrences) were forgotten to save memory.".format(
            **figures["pruned"]
        )
    if seeds["terms"]:
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in seeds["dropped"].items())
        yield (
            f"{seeds['kept']:,} terms kept ({seeds['tokens']:,} tokens; {seeds['free']:,} would have been learned "
            f"anyway), {sum(seeds['dropped'].values()):,} of {seeds['terms']:,} rows dropped: {dropped or 'none'}. The "
            f"corpus takes {seeds['change']:+.2%} subwords for it; seeds.json has the cost of each."
        )
    if seeds["violations"]:
        yield f"Warning: {seeds['violations']:,} seeds in context are not one token; seeds.json lists them."
    yield (
        f"{measured['vocabulary']:,} tokens of {wanted:,}; {measured['subwords_per_line']:.2f} subwords per line, "
        f"{measured['tokens_per_word']:.3f} per word, unknown {measured['unknown_share']:.4%}."
    )
