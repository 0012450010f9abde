"""Sectioners of decisions beside each other: a floor of plain features, the small one, and those that are given.

    python benchmarks/sections.py artifacts/section_data small=artifacts/sectioner

The floor is a logistic regression on TF-IDF of each sentence and its neighbours, with counted transitions and the order
of the law (Viterbi): no network. Speed: characters per second of `read`, encoder included, one thread, model loaded, by
the clock and by processor time; all test decisions are read five times, of each the best counts.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import machine, write_results
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from mecelle.evaluation.section_scores import with_intervals
from mecelle.evaluation.statistics.paired import mcnemar
from mecelle.segmentation.decision import read_decisions
from mecelle.segmentation.epochs import SHOWN
from mecelle.segmentation.labels import LABELS, SECTIONS
from mecelle.segmentation.measures import tally
from mecelle.segmentation.order import order
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import Sectioner, load_sectioner
from mecelle.segmentation.sentences.features import units
from mecelle.segmentation.units import labels_of, sections_of
from mecelle.segmentation.variants import VARIANTS
from mecelle.segmentation.viterbi import best_path
from mecelle.text.casing import fold

SEED = 7
SMOOTHING = 0.1
"""Added to each counted transition."""


class Floor:
    """Logistic regression of each sentence, and the best path."""

    def __init__(self, decisions: Sequence[Segmented], *, seed: int) -> None:
        self.words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, max_features=60_000)
        self.words.fit(text for one in decisions for text in self._texts(one)[0])
        gold = [labels_of(one, units(one.text, buckets=64).spans) for one in decisions]
        rows = np.concatenate([np.asarray(labels) for labels in gold])
        self.model = LogisticRegression(C=10.0, max_iter=100, random_state=seed)
        self.model.fit(vstack([self._features(one) for one in decisions], format="csr"), rows)
        counts = np.full((len(LABELS), len(LABELS)), SMOOTHING)
        for labels in gold:
            np.add.at(counts, (labels[:-1], labels[1:]), 1)
        self.between = np.log(counts / counts.sum(axis=1, keepdims=True)) + order().transitions()
        self.prior = np.log(np.bincount(rows, minlength=len(LABELS)) / len(rows) + 1e-6)

    def read(self, decisions: Sequence[Segmented]) -> list[Segmented]:
        """The decisions with sections."""
        return [self._read(one) for one in decisions]

    def _read(self, decision: Segmented) -> Segmented:
        spans = units(decision.text, buckets=64).spans
        if not spans:
            return decision.model_copy(update={"sections": ()})
        scores = np.full((len(spans), len(LABELS)), -20.0)
        scores[:, self.model.classes_] = self.model.predict_log_proba(self._features(decision))
        labels = best_path(
            (scores - self.prior / 2).astype(np.float32), order().start(), self.between.astype(np.float32)
        )
        sections = sections_of(decision.text, spans, labels, np.exp(scores[np.arange(len(spans)), labels]).tolist())
        return decision.model_copy(update={"sections": tuple(sections)})

    def _features(self, decision: Segmented) -> csr_matrix:
        """The sentence, the one before, the one behind, and the facts of form and place."""
        texts, facts = self._texts(decision)
        own = self.words.transform(texts)
        empty = csr_matrix((1, own.shape[1]))
        before, behind = vstack([empty, own[:-1]]), vstack([own[1:], empty])
        return hstack([own, 0.5 * before, 0.5 * behind, csr_matrix(facts)], format="csr")

    def _texts(self, decision: Segmented) -> tuple[list[str], Any]:
        seen = units(decision.text, buckets=64)
        return [fold(decision.text[start:end]) for start, end in seen.spans], seen.facts


def measure(models: dict[str, Sectioner], gold: Sequence[Segmented], variants: Sequence[str]) -> dict[str, Any]:
    """Figures of each model in each form, and paired tests on the plain one."""
    decisions = [one for one in gold if one.sections]
    figures: dict[str, Any] = {name: {} for name in models}
    passed: dict[str, list[int]] = {}
    for name, model in models.items():
        for variant in variants:
            asked = [VARIANTS[variant](one, SEED) for one in decisions]
            found = model.read([one.model_copy(update={"sections": ()}) for one in asked])
            tallies = [tally(a, b) for a, b in zip(asked, found, strict=True)]
            figures[name][variant] = with_intervals(tallies, resamples=2_000, seed=SEED)
            if variant == "plain":
                passed[name] = [int(one.passes[0]) for one in tallies]
        figures[name]["characters_per_second"] = speed(model, decisions)
    pairs = [(a, b) for at, a in enumerate(models) for b in list(models)[at + 1 :]]
    return figures | {"mcnemar": [{"a": a, "b": b, **mcnemar(passed[a], passed[b]).model_dump()} for a, b in pairs]}


def speed(model: Sectioner, decisions: Sequence[Segmented]) -> dict[str, float]:
    """Characters a second, the best of five: by the clock, and of processor time, which other work takes none of."""
    bare = [one.model_copy(update={"sections": ()}) for one in decisions]
    times: dict[str, list[float]] = {"clock": [], "processor": []}
    for _ in range(5):
        clock, processor = time.perf_counter(), time.process_time()
        model.read(bare)
        times["clock"].append(time.perf_counter() - clock)
        times["processor"].append(time.process_time() - processor)
    characters = sum(len(one.text) for one in bare)
    return {name: characters / min(seconds) for name, seconds in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", nargs="*", help="name=artifact of `segment train`")
    parser.add_argument("--variants", nargs="+", default=["plain"], choices=list(VARIANTS))
    parser.add_argument("--name", default="sections")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train, test = (read_decisions(arguments.data / f"{part}.jsonl") for part in ("train", "test"))
    models: dict[str, Any] = {"floor": Floor(train, seed=SEED)}
    models |= {name: load_sectioner(Path(place)) for name, place in (one.split("=", 1) for one in arguments.models)}
    figures = measure(models, test, arguments.variants)
    write_results(arguments.name, {"machine": machine("torch", "scikit-learn"), "seed": SEED, **figures})
    for name in models:
        for variant in arguments.variants:
            cells = [figures[name][variant][one] for one in [*SHOWN, *(f"col_f1.{section}" for section in SECTIONS)]]
            shown = " | ".join(f"{cell['mean']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" for cell in cells)
            sys.stdout.write(f"| {name} | {variant} | {shown} |\n")
        told = ", ".join(f"{count:,.0f} ({by})" for by, count in figures[name]["characters_per_second"].items())
        sys.stdout.write(f"{name}: characters a second, one thread: {told}\n")
    for row in figures["mcnemar"]:
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
