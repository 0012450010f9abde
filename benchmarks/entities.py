"""Entities of Yargıtay sentences: rules, an encoder, and both together, on the legal NER set (koc-lab/turkishlegalner).

    python benchmarks/entities.py train --encoder package:e5 --out /tmp/tagger
    python benchmarks/entities.py score --tagger /tmp/tagger [--part dev]

Scored by seqeval (exact spans) on the test part, in the set's own terms: outermost spans, without chambers, numbers and
amounts, for which it has no tag. Intervals: 95%, sentences drawn again.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from measuring import DATA, machine, write_results
from seqeval.metrics import classification_report

from mecelle.evaluation.finetuning.encoders import find_encoder
from mecelle.evaluation.finetuning.intervals import spread
from mecelle.evaluation.finetuning.items import Item
from mecelle.recipes.entity_tagger import TaggerConfig, entity_parts, train_tagger
from mecelle.segmentation.entities.kinds import OF_TAG
from mecelle.segmentation.entities.rules import find_by_rule
from mecelle.segmentation.entities.spans import Span, merge, nested, outermost
from mecelle.segmentation.entities.tagger import EntityTagger, spans_of

SEED = 7
_GLUED = set(".,;:)’'%!?")
Tags = tuple[str, ...]


def written(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The sentence as it may have been written, and the characters of each word."""
    text, spans = "", list[tuple[int, int]]()
    for at, word in enumerate(words):
        glued = at == 0 or word[0] in _GLUED or words[at - 1] in ("(", "’", "'") or word.startswith("'")
        text += "" if glued else " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans


def tags_of(spans: Sequence[Span], words: Sequence[tuple[int, int]]) -> Tags:
    """The tag of each word, by the spans that it overlaps; only kinds that the set has."""
    tags = ["O"] * len(words)
    known = [span for span in spans if span.kind in OF_TAG.values()]
    for span in outermost(nested(known, trust=[0] * len(known))):
        inside = [at for at, (start, end) in enumerate(words) if start < span.end and end > span.start]
        for at in inside:
            if tags[at] == "O":
                tags[at] = f"{'B' if at == inside[0] else 'I'}-{span.kind}"
    return tuple(tags)


def readings(items: Sequence[Item], tagger: EntityTagger | None) -> dict[str, list[Tags]]:
    """System -> tags of every sentence."""
    found: dict[str, list[Tags]] = {"rules": []}
    tagged = tagger.read([item.words for item in items]) if tagger else []
    for number, item in enumerate(items):
        text, words = written(item.words)
        by_rule = find_by_rule(text)
        found["rules"].append(tags_of(by_rule, words))
        if tagger:
            by_encoder = spans_of(words, tagged[number])
            found.setdefault("encoder", []).append(tags_of(by_encoder, words))
            found.setdefault("together", []).append(tags_of(merge(by_rule, by_encoder), words))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train")
    train.add_argument("--encoder", default="package:e5")
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--rates", type=float, nargs="+", default=[5e-5, 1e-4])
    train.add_argument("--epochs", type=int, default=3)
    train.add_argument("--items", type=int, default=3_000)
    score = commands.add_parser("score")
    score.add_argument("--tagger", type=Path)
    score.add_argument("--part", choices=("dev", "test"), default="test")
    score.add_argument("--mistakes", type=int, default=0)
    told = parser.parse_args()
    config = TaggerConfig()
    if told.command == "train":
        config = config.model_copy(
            update={"learning_rates": tuple(told.rates), "epochs": told.epochs, "train_items": told.items}
        )
        for trial in train_tagger(find_encoder(told.encoder, told.encoder), DATA, told.out, config, seed=SEED):
            print(trial.model_dump_json())
        return
    items = getattr(entity_parts(DATA, config, seed=SEED), told.part)
    tagger = EntityTagger(told.tagger) if told.tagger else None
    started = time.monotonic()
    found = readings(items, tagger)
    gold = [list(item.label) for item in items]
    figures: dict[str, object] = {"part": told.part, "sentences": len(items), "seed": SEED, "machine": machine("torch")}
    for system, tags in found.items():
        raw = classification_report(gold, [list(one) for one in tags], output_dict=True, zero_division=0)
        report = {kind: {name: float(value) for name, value in row.items()} for kind, row in raw.items()}
        interval = spread("NER", items, tags, seed=SEED)
        print(f"\n{system}: micro-F1 {report['micro avg']['f1-score']:.3f} [{interval.low:.3f}, {interval.high:.3f}]")
        for kind, row in report.items():
            line = f"P {row['precision']:.3f} R {row['recall']:.3f} F1 {row['f1-score']:.3f} n {row['support']:.0f}"
            print(f"  {kind:14} {line}")
        figures[system] = {"report": report, "low": interval.low, "high": interval.high}
    print(f"{len(items)} sentences, {time.monotonic() - started:.1f} s for all systems")
    shown = 0
    for item, tags in zip(items, found["together" if tagger else "rules"], strict=True):
        if tags != item.label and shown < told.mistakes:
            shown += 1
            print("\n" + " ".join(
                word if a == b else f"{word}<{a}|{b}>" for word, a, b in zip(item.words, item.label, tags, strict=True)
            ))  # fmt: skip
    if told.part == "test":
        write_results("entities", figures)


if __name__ == "__main__":
    main()
