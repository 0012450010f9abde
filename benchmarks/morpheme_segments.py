"""Morphemes: how much of the treebanks is gold, how well words are split into them, and how fast.

Run: python benchmarks/morpheme_segments.py [--parts gold,splits,speed] [--peers FOLDER] [--seed 1] (a minute). zeyrek
0.1.3 is no dependency of Mecelle: `pip install --no-deps --target FOLDER zeyrek`; without it its rows are left out.

gold        UD Turkish IMST, BOUN and Kenet: rows whose lemma and features make up the form in exactly one way, by
            treebank and word class, without MWT rows and forms with other signs than letters; then what `read_gold`
            takes, which leaves out the parts of multiword tokens, too.
splits      boundary precision, recall and F1 on distinct gold words of the test parts (akana.v1's preferences were
            chosen on train and dev), and on the derivations of UniMorph, where recall alone says something.
speed       new words a second: distinct words of decisions, in one run, one core.
"""

import argparse
import contextlib
import gzip
import io
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import akana
import numpy as np
import orjson
from measuring import DATA, machine, write_results

from mecelle.text.casing import fold
from mecelle.text.morphology import analysers, split
from mecelle.text.morphology.treebank import gold_cuts
from mecelle.tokenizer.measure.boundaries import Cut, read_derivations, read_gold, score_boundaries

TREEBANK = DATA / "general" / "morphology.jsonl.gz"
DERIVATIONS = DATA / "general" / "derivations.jsonl.gz"
ALONE = "akana's analysis alone"
TWO_SUFFIXES = re.compile(r"(?<=^l[ae]r)(?=[ıi]$)|(?<=^[ae])(?=m[ae]?$)|(?<=^y[ae])(?=m[ae]?$)")


def gold_table() -> dict[str, Any]:
    """Share of rows that are gold, by treebank and word class."""
    rows: Counter[tuple[str, str, str]] = Counter()
    with gzip.open(TREEBANK) as lines:
        for row in map(orjson.loads, lines):
            if row["upos"] in ("MWT", "PUNCT") or not row["form"].isalpha():
                continue
            feats = dict(feat.split("=", 1) for feat in row["feats"].split("|") if "=" in feat)
            cuts = gold_cuts(row["form"], row["lemma"], row["upos"], feats)
            fate = "none" if cuts is None else "inflected" if cuts else "bare"
            rows[row["tb"], row["upos"], fate] += 1
    table: dict[str, Any] = {}
    for treebank, word_class in sorted({key[:2] for key in rows}):
        counts = {fate: rows[treebank, word_class, fate] for fate in ("inflected", "bare", "none")}
        if sum(counts.values()) >= 200:
            table[f"{treebank} {word_class}"] = counts
            changed = counts["inflected"] + counts["none"]
            share = f"{counts['inflected'] / changed:7.1%}" if changed else "      -"
            print(f"{treebank:6} {word_class:6} {counts['inflected']:6} of {changed:6} {share}, bare {counts['bare']}")
    found = read_gold(TREEBANK)
    print(
        found.accounts.sentence(),
        f"-> {len(found.words):,} forms, {sum(bool(w.cuts) for w in found.words):,} with a suffix",
    )
    return {"rows": table, "accounts": found.accounts.model_dump(), "forms": len(found.words)}


def cuts_of(pieces: Sequence[str]) -> list[int]:
    """Inner boundaries."""
    return list(accumulate(map(len, pieces)))[:-1]


def zeyrek_split(peers: Path) -> Cut:
    """The first reading of zeyrek, whose surfaces follow the same convention but for two suffixes that it keeps one."""
    sys.path.append(str(peers))
    import zeyrek

    logging.disable(logging.WARNING)
    parser = zeyrek.MorphAnalyzer()

    def cut(form: str) -> list[int]:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints its search
            found = parser._parse(fold(form))
        surfaces = [surface for _, surface in found[0].morphemes if surface] if found else [form]
        return cuts_of([piece for surface in surfaces for piece in TWO_SUFFIXES.split(surface)])

    return cut


def splits_table(peers: Path | None, seed: int) -> dict[str, Any]:
    """Quality of splits."""
    gold = read_gold(TREEBANK, splits=["test"]).words
    derived = read_derivations(DERIVATIONS)
    print(derived.accounts.sentence())

    def ours(form: str) -> list[int]:
        return cuts_of(split(form))

    methods: dict[str, Cut] = {
        "akana.v1": ours,
        "stem and the rest": lambda form: ours(form)[:1],
        "no cuts": lambda form: (),
        "every character": lambda form: range(1, len(form)),
    }
    if peers:
        methods["zeyrek"] = zeyrek_split(peers)
    table = {}
    for name, cut in methods.items():
        scores, on_derived = (score_boundaries(words, cut, seed=seed) for words in (gold, derived.words))
        table[name] = {"treebanks": scores.model_dump(), "derivations": on_derived.model_dump()}
        low, high = scores.f1.low, scores.f1.high
        print(
            f"{name:18} P {scores.precision.value:.3f} R {scores.recall.value:.3f} F1 {scores.f1.value:.3f} "
            f"[{low:.3f}, {high:.3f}] exact {scores.exact.share:.3f} of {scores.words:,}; bare lemmas cut "
            f"{scores.bare_cut.share if scores.bare_cut else 0:.3f}; derivations: recall {on_derived.recall.value:.3f}"
        )
    return table


def speed_table(peers: Path | None) -> dict[str, float]:
    """Words a second, the middle of five rounds in turn, each on words that no round before it had."""
    words: Counter[str] = Counter()
    for text in decisions(measured=False):
        words.update(re.findall(r"[^\W\d_]+", text))
    forms = sorted(words)
    np.random.default_rng(0).shuffle(forms)
    split("kararlarından")  # loads the lexicons
    morphology, ours = akana.Morphology(), analysers.get("akana.v1")()
    runs: dict[str, Callable[[str], object]] = {ALONE: morphology.analyze, "akana.v1 cuts": ours.cuts, "split": split}
    if peers:
        runs["zeyrek"] = zeyrek_split(peers)
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(5):
        for name, run in runs.items():
            batch = forms[turn::5][: 100 if name == "zeyrek" else 12_000]
            batch = batch if name == "split" else list(map(fold, batch))
            started = time.perf_counter()
            for form in batch:
                run(form)
            rates[name].append(len(batch) / (time.perf_counter() - started))
    middle = {name: float(np.median(found)) for name, found in rates.items()}
    for name, rate in middle.items():
        print(f"{name:26} {rate:12,.0f} words/s  {rate / middle[ALONE]:.2f}")
    return middle


def decisions(*, measured: bool) -> Iterator[str]:
    """Texts of decisions: every tenth is measured on, the others are trained on."""
    with gzip.open(DATA / "legal" / "decisions.jsonl.gz") as lines:
        for number, line in enumerate(lines):
            if (number % 10 == 0) == measured:
                yield orjson.loads(line)["text"]


def main() -> None:
    """Measure, print, write results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="gold,splits,speed")
    parser.add_argument("--peers", type=Path, help="folder with zeyrek")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    parts = {
        "gold": gold_table,
        "splits": lambda: splits_table(arguments.peers, arguments.seed),
        "speed": lambda: speed_table(arguments.peers),
    }
    figures: dict[str, Any] = {"machine": machine("akana", "simplemma", "tokenizers"), "seed": arguments.seed}
    for name in arguments.parts.split(","):
        print(f"\n{name}")
        figures[name] = parts[name]()
    write_results("morpheme_segments", figures)


if __name__ == "__main__":
    main()
