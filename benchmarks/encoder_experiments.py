"""Small encoders that differ in one thing, trained on equal text, and what they then know.

    python benchmarks/encoder_experiments.py adaptation --work FOLDER [--seed 7]
    python benchmarks/encoder_experiments.py tokenizers --work FOLDER
    python benchmarks/encoder_experiments.py versions --work FOLDER

adaptation: HukukBERT's experiment in kind (§3.4, §3.5). A general encoder, trained on general text alone, goes on with
law, once for each way of giving it the legal vocabulary and once for each way of masking, at equal tokens.
tokenizers: one encoder from scratch for each tokenizer family, all with one pass over the same text.
versions: two data versions at two sizes with eight snapshots each, for `benchmarks/checkpoint_choice.py`.

Every model is an artifact in --work and is not trained twice: the same command goes on where it stopped. What is
printed and written to benchmarks/results/encoder_<experiment>.json are scores on the cloze test's open part, masked
words of nine domains (the same words for every model) and pseudo-likelihood in bits per byte, with paired differences
from one named model. What is scored is drawn from the same sources as what is trained on: it is taken out of the text
before that is sampled, and what a --work of before this was so has trained on is left out of the table. --kept tables
the records that are there, and trains and scores nothing.
"""

import argparse
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from measuring import DATA, machine, write_results

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, write_documents
from mecelle.base.config import parse
from mecelle.base.document import Document, content_hash
from mecelle.encoder.adapt import AdaptConfig, adapt
from mecelle.encoder.config import STAGE, EncoderConfig
from mecelle.encoder.mixture import HUKUKBERT, KEYWORD
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import TINY, Shape
from mecelle.evaluation.language_models import Bench
from mecelle.evaluation.record import TaskRecord, find
from mecelle.evaluation.statistics.bootstrap import Interval, interval
from mecelle.evaluation.statistics.paired import compare
from mecelle.evaluation.statistics.tables import holm
from mecelle.evaluation.tasks.cloze import read_items
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig
from mecelle.evaluation.tasks.perplexity import PerplexityConfig
from mecelle.evaluation.tasks.texts import HeldOutText, draw, standard_texts
from mecelle.models.masked import load_mask_filler
from mecelle.text.unicode import nfc

MINI = Shape(layers=4, width=256, heads=4, feed_forward=384)
"""BERT-mini's depth and width, 2.2M parameters in the layers: what fits a budget of minutes."""
HOUSE = Path.home() / ".cache" / "mecelle"
TOKENIZERS = HOUSE / "tokenizers"
LEGAL = DATA / "legal"
TERMS = (LEGAL / "dictionary.jsonl.gz", LEGAL / "legal_terms.jsonl.gz")
SPLITS = Path(__file__).parents[1] / "docs" / "splits.json"
EIGHT = (0.03, 0.06, 0.125, 0.25, 0.4, 0.6, 0.8, 1.0)
COMMON = {
    "masking_rate": 0.25,
    "tokens_per_step": 4_096,
    "rows_per_batch": 4,
    "evaluations": 10,
    "evaluation_rows": 64,
    "compilation": "on",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One model: what it is trained on, with what, and from which other one."""

    text: str
    """A collection of --work/texts."""
    tokenizer: str | None
    config: dict[str, Any] = field(default_factory=dict)
    initial: str | None = None
    """Name of the plan whose model goes on."""
    whole_text: bool = False
    """One pass over the text, whatever the tokenizer makes of it."""


def adaptation() -> dict[str, Plan]:
    """One general encoder, six ways to a legal vocabulary, and five other maskings with the mean of it."""
    base = {"shape": MINI.model_dump(), "budget_tokens": 2_500_000, "learning_rate": 2e-3} | COMMON
    plans = {"general": Plan(text="general", tokenizer="general-32k", config=base)}
    law = {"budget_tokens": 500_000, "learning_rate": 1e-3, "masking": HUKUKBERT} | COMMON

    def more(name: str, tokenizer: str | None = "legal-32k", **changes: Any) -> None:
        plans[name] = Plan(text="legal", tokenizer=tokenizer, config=law | changes, initial="general")

    more("mean, mixture")
    more("own vocabulary, mixture", tokenizer=None)
    for method in (None, "random.v1", "subtoken.v1", "focus.v1"):
        more(f"{(method or 'none').removesuffix('.v1')}, mixture", transfer={"method": method})
    for strategy in ("token.v1", "whole_word.v1", "token_span.v1", "word_span.v1", KEYWORD):
        more(f"mean, {strategy.removesuffix('.v1')}", masking={strategy: 1.0})
    return plans


def tokenizers() -> dict[str, Plan]:
    """From scratch, at equal size apart from the vocabulary and equal text."""
    names = ("legal-42k", "legal-42k-unigram", "legal-42k-morphemes", "legal-48k", "legal-48k-bpe-legal")
    config = {"shape": MINI.model_dump(), "learning_rate": 2e-3, "snapshots": (1.0,)} | COMMON
    return {name: Plan(text="legal-third", tokenizer=name, config=config, whole_text=True) for name in names}


def versions() -> dict[str, Plan]:
    """Law alone, and law with general text, for two sizes."""
    plans = {}
    for size, shape, rate in (("mini", MINI, 2e-3), ("tiny", TINY, 1e-3)):
        config = {"shape": shape.model_dump(), "budget_tokens": 3_000_000, "learning_rate": rate, "snapshots": EIGHT}
        for name, text in (("legal", "legal-quarter"), ("mixed", "mixed")):
            plans[f"{size}-{name}"] = Plan(text=text, tokenizer="legal-32k", config=config | COMMON)
    return plans


EXPERIMENTS: dict[str, tuple[Callable[[], dict[str, Plan]], str]] = {
    "adaptation": (adaptation, "mean, mixture"),
    "tokenizers": (tokenizers, "legal-42k"),
    "versions": (versions, "tiny-mixed"),
}
"""Experiment -> its models, and the one that the others are compared with."""


def main() -> None:
    """Train what is not there, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--documents", type=int, default=40, help="held-out documents of each of nine domains")
    parser.add_argument("--train-only", action="store_true")
    parser.add_argument("--kept", action="store_true", help="table the records that are there, no more")
    options = parser.parse_args()
    make, reference = EXPERIMENTS[options.experiment]
    scored = {one.id: one for one in drawn(options)}
    plans = make()
    texts = collections(options.work / "texts", scored, {plan.text for plan in plans.values()})
    folder = options.work / f"{options.experiment}-{options.seed}"
    models = {name: folder / name.replace(", ", "-").replace(" ", "_") for name in plans}
    if not options.kept:
        for name, plan in plans.items():
            train(plan, texts[plan.text], models, models[name], options.work / "work", seed=options.seed)
    if options.train_only:
        return
    read = read_of(scored, [texts[name] for name in sorted({plan.text for plan in plans.values()})])
    print(f"left out of the table, since a model of the experiment has read them: {', '.join(sorted(read)) or 'none'}")
    rows = list(scores(models, reference, options, read))
    print_table(rows)
    write_results(
        f"encoder_{options.experiment}",
        {"machine": machine("torch", "transformers"), "seed": options.seed, "reference": reference, "rows": rows},
    )


def measures(options: argparse.Namespace) -> tuple[MaskedAccuracyConfig, PerplexityConfig]:
    """Masked words of `documents` documents of a domain, and pseudo-likelihood of half as many."""
    return (
        MaskedAccuracyConfig(documents=options.documents),
        PerplexityConfig(pseudo_documents=max(2, options.documents // 2)),
    )


def parts() -> dict[str, list[HeldOutText]]:
    """The texts that can be scored."""
    found: dict[str, list[HeldOutText]] = {"law": [], "general": []}
    for one in standard_texts(DATA, SPLITS, "test"):
        found["general" if one.domain.startswith("general") else "law"].append(one)
    return found


def drawn(options: argparse.Namespace) -> Iterator[HeldOutText]:
    """Those that are, whole: as `Bench` draws them."""
    words, likely = measures(options)
    for texts in parts().values():
        by_id = {one.id: one for one in texts}
        for documents, length in (
            (words.documents, words.passage_words),
            (likely.pseudo_documents, likely.pseudo_words),
        ):
            for passages in draw(texts, per_domain=documents, words=length, seed=options.seed).values():
                yield from (by_id[one.id] for one in passages)


def collections(folder: Path, scored: Mapping[str, HeldOutText], names: Collection[str]) -> dict[str, Path]:
    """Every n-th document of the cleaned collections (docs/results/tokenizers.md), less what is scored, copied once."""
    sources = {
        "legal": ("legal", 8),
        "legal-third": ("legal", 3),
        "legal-quarter": ("legal", 4),
        "general": ("general", 10),
        "mixed": ("all", 8),
    }
    is_scored = scored_in(scored)
    for name in sorted(names):
        source, every = sources[name]
        if not (folder / name).is_dir():
            unscored = (one for one in read_documents(TOKENIZERS / source) if not is_scored(one))
            write_documents(islice(unscored, 0, None, every), folder / name)
    return {name: folder / name for name in names}


def scored_in(scored: Mapping[str, HeldOutText]) -> Callable[[Document], set[str]]:
    """Which scored texts a document is: by the id of its source, or by its text."""
    by_text: dict[str, set[str]] = {}
    for one in scored.values():
        by_text.setdefault(content_hash(one.text), set()).add(one.id)

    def found(document: Document) -> set[str]:
        source = str(document.metadata.get("source_id"))
        return by_text.get(content_hash(nfc(document.text)), set()) | ({source} & scored.keys())

    return found


def read_of(scored: Mapping[str, HeldOutText], texts: Iterable[Path]) -> frozenset[str]:
    """Ids of the scored texts that stand in the collections."""
    is_scored = scored_in(scored)
    return frozenset(one for path in texts for document in read_documents(path) for one in is_scored(document))


def train(plan: Plan, text: Path, models: dict[str, Path], out: Path, work: Path, *, seed: int) -> None:
    """One model, unless it is there."""
    if artifacts.is_artifact(out, stage=STAGE):
        return
    print(f"{out.name} ...", flush=True)
    terms = TERMS if KEYWORD in plan.config.get("masking", {}) else ()
    tokenizer = TOKENIZERS / plan.tokenizer if plan.tokenizer else None
    if plan.initial:
        config = parse(AdaptConfig, plan.config, where=out.name)
        adapt(models[plan.initial], text, out, config, seed=seed, work=work, tokenizer=tokenizer, terms=terms)
        return
    assert tokenizer is not None
    settings = dict(plan.config)
    if plan.whole_text:
        settings["budget_tokens"] = tokens_of(text, tokenizer)
    pretrain(text, tokenizer, out, parse(EncoderConfig, settings, where=out.name), seed=seed, work=work, terms=terms)


def tokens_of(text: Path, tokenizer: Path) -> int:
    """Tokens that a tokenizer makes of a collection, special ones included."""
    from transformers import AutoTokenizer

    made = AutoTokenizer.from_pretrained(tokenizer)
    return sum(len(made(document.text).input_ids) for document in read_documents(text))


def scores(
    models: dict[str, Path], reference: str, options: argparse.Namespace, read: Collection[str]
) -> Iterator[dict[str, Any]]:
    """A row per model, the reference first; differences from it are paired over the same items.

    read: items that count for no model, since one has read them.
    """
    base: dict[str, tuple[float, ...]] = {}
    for name in sorted(models, key=lambda one: one != reference):
        records = kept_records(models[name], options) if options.kept else measured(models[name], options)
        if len(records) < len(MEASURES):
            print(f"{name}: {len(records)} of {len(MEASURES)} records, left out of the table")
            continue
        found = {
            measure: one.values_of([item for item in one.ids if item not in read]) for measure, one in records.items()
        }
        if not base and name != reference:
            raise SystemExit(f"{reference}: not scored, and all others are compared with it")
        base = base or found
        record = artifacts.read_record(models[name])
        assert record is not None
        kept = ("tokens_seen", "parameters", "packing", "terms", "last", "overlap", "rows")
        row: dict[str, Any] = {"model": name, "seconds": round(record.seconds), "scores": {}, "differences": {}}
        row |= {one: record.figures[one] for one in kept if one in record.figures}
        for measure, values in found.items():
            row["scores"][measure] = interval(values, seed=options.seed).model_dump()
            if name != reference:
                row["differences"][measure] = compare(values, base[measure], seed=options.seed).model_dump()
        yield row


def measured(model: Path, options: argparse.Namespace) -> dict[str, TaskRecord]:
    """What one model knows."""
    out = scores_folder(options)
    bench = Bench(load_mask_filler(model), out, name=model.name, split="test", seed=options.seed)
    items, _ = read_items(LEGAL / "cloze.jsonl.gz")
    words, likely = measures(options)
    found = {"cloze": bench.cloze(items)}
    for name, part in parts().items():
        bench.out = out / name
        found[f"words, {name}"] = bench.masked_accuracy(part, words)[-1]
        found[f"bits a byte, {name}"] = bench.perplexity(part, likely)[-1]
    return found


MEASURES = {
    "cloze": ("", "cloze.v1"),
    "words, law": ("law", "mlm.v1"),
    "bits a byte, law": ("law", "pseudo-perplexity.v1"),
    "words, general": ("general", "mlm.v1"),
    "bits a byte, general": ("general", "pseudo-perplexity.v1"),
}
"""Measure -> folder and task of its record."""


def kept_records(model: Path, options: argparse.Namespace) -> dict[str, TaskRecord]:
    """The same from the records that are there."""
    found = {name: find(scores_folder(options) / part, model.name, task) for name, (part, task) in MEASURES.items()}
    return {name: one for name, one in found.items() if one}


def scores_folder(options: argparse.Namespace) -> Path:
    """Of the records of an experiment."""
    folder: Path = options.work / "scores" / f"{options.experiment}-{options.seed}"
    return folder


def print_table(rows: list[dict[str, Any]]) -> None:
    """Markdown: scores with 95% intervals, and in brackets p of the difference by Holm over the column."""
    columns = list(rows[0]["scores"])
    for measure in columns:
        others = [row["differences"][measure] for row in rows if measure in row["differences"]]
        for one, p in zip(others, holm([one["p"] for one in others]), strict=True):
            one["p_holm"] = p
    print(f"| model | {' | '.join(columns)} |\n" + "|---" * (len(columns) + 1) + "|")
    print(f"| n | {' | '.join(str(rows[0]['scores'][one]['n']) for one in columns)} |")
    for row in rows:
        cells = [cell(row["scores"][one], row["differences"].get(one)) for one in columns]
        print(f"| {row['model']} | {' | '.join(cells)} |")


def cell(score: dict[str, float], difference: dict[str, float] | None) -> str:
    """`.412 [.380, .445] (p .004)`."""
    text = Interval.model_validate(score).text()
    return text if difference is None else f"{text} (p {difference['p_holm']:.3f})".replace("0.", ".")


if __name__ == "__main__":
    main()
