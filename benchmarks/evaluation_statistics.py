"""Do the tests keep what they promise? Simulated scores with a known effect: false positives, power, coverage.

    python benchmarks/evaluation_statistics.py --runs 1000 --seed 7

Scores of two models share the difficulty of the unit (uniform on 0..0.8) and differ by normal noise (sd 0.1), as
nDCG@10 of two retrieval models does. "Effect" is what is added to one of them. Each share comes with Wilson's interval.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mecelle.base.seeds import generator
from mecelle.evaluation.statistics.bootstrap import bca_interval, cluster_interval, interval
from mecelle.evaluation.statistics.paired import compare, mcnemar
from mecelle.evaluation.statistics.rates import wilson
from mecelle.evaluation.statistics.seeds import compare_seeds
from mecelle.evaluation.statistics.strata import compare_means
from mecelle.evaluation.statistics.tables import pairwise_p

OUT = Path(__file__).parent / "results" / "evaluation_statistics.json"
RESAMPLES = 1_000

Rng = np.random.Generator
Trial = Callable[[Rng, int], bool]


def pair(rng: Rng, effect: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two models on n units."""
    difficulty = rng.uniform(0, 0.8, n)
    return difficulty + effect + rng.normal(0, 0.1, n), difficulty + rng.normal(0, 0.1, n)


def sign_flips(effect: float, n: int) -> Trial:
    """Called different by the paired test."""
    return lambda rng, seed: compare(*pair(rng, effect, n), seed=seed, resamples=RESAMPLES).p < 0.05


def coverage(effect: float, n: int) -> Trial:
    """The paired interval holds the true difference."""

    def trial(rng: Rng, seed: int) -> bool:
        found = compare(*pair(rng, effect, n), seed=seed, resamples=RESAMPLES)
        return found.low <= effect <= found.high

    return trial


def skewed(method: Callable[..., object], n: int) -> Trial:
    """The interval holds the mean of a skewed score (exponential, mean 1)."""

    def trial(rng: Rng, seed: int) -> bool:
        found = method(rng.exponential(size=n), seed=seed, resamples=RESAMPLES)
        return bool(found.low <= 1 <= found.high)  # type: ignore[attr-defined]

    return trial


def documents(clustered: bool) -> Trial:
    """The interval holds the mean of 20 words each of 30 documents that differ as much as words do."""

    def trial(rng: Rng, seed: int) -> bool:
        values = np.repeat(rng.normal(0, 1, 30), 20) + rng.normal(0, 1, 600)
        clusters = np.repeat(np.arange(30), 20).tolist()
        found = (
            cluster_interval(values, clusters, seed=seed, resamples=RESAMPLES)
            if clustered
            else interval(values, seed=seed, resamples=RESAMPLES)
        )
        return found.low <= 0 <= found.high

    return trial


def accuracies(gain: float, n: int) -> Trial:
    """Called different by McNemar's test; accuracies .7 and .7 + gain, items independent."""
    return lambda rng, seed: mcnemar(rng.random(n) < 0.7 + gain, rng.random(n) < 0.7).p < 0.05


def trainings(effect: float, seeds: int) -> Trial:
    """Called different over several trainings, whose luck has sd 0.03; 100 units."""

    def trial(rng: Rng, seed: int) -> bool:
        difficulty = rng.uniform(0, 0.8, 100)
        a, b = (
            difficulty + added + rng.normal(0, 0.03, (seeds, 1)) + rng.normal(0, 0.1, (seeds, 100))
            for added in (effect, 0.0)
        )
        return compare_seeds(a, b, seed=seed, resamples=RESAMPLES).p < 0.05

    return trial


def table_of(models: int) -> Trial:
    """Any pair of equal models called different, after Holm."""

    def trial(rng: Rng, seed: int) -> bool:
        difficulty = rng.uniform(0, 0.8, 80)
        systems = {str(place): difficulty + rng.normal(0, 0.1, 80) for place in range(models)}
        return min(pairwise_p(systems, seed=seed, resamples=10 * RESAMPLES).values()) < 0.05

    return trial


def means(effect: float) -> Trial:
    """Called different by the mean over two types, three tasks of 400, 25 and 60 units."""

    def trial(rng: Rng, seed: int) -> bool:
        pairs = {size: pair(rng, effect, size) for size in (400, 25, 60)}
        a, b = ({"x": {"1": pairs[400][side], "2": pairs[25][side]}, "y": {"3": pairs[60][side]}} for side in (0, 1))
        return compare_means(a, b, seed=seed, resamples=RESAMPLES).p < 0.05

    return trial


TRIALS: dict[str, tuple[str, Trial]] = {
    "sign flips, no effect, n 60": (".05", sign_flips(0.0, 60)),
    "sign flips, effect .02, n 60": ("power", sign_flips(0.02, 60)),
    "sign flips, effect .04, n 60": ("power", sign_flips(0.04, 60)),
    "sign flips, effect .04, n 200": ("power", sign_flips(0.04, 200)),
    "paired interval, n 60": (".95", coverage(0.03, 60)),
    "percentile, skewed, n 20": (".95", skewed(interval, 20)),
    "BCa, skewed, n 20": (".95", skewed(bca_interval, 20)),
    "interval over documents": (".95", documents(True)),
    "interval over words (wrong)": (".95", documents(False)),
    "McNemar, no effect, n 250": ("<= .05", accuracies(0.0, 250)),
    "McNemar, gain .1, n 250": ("power", accuracies(0.1, 250)),
    "5 trainings, no effect": (".05", trainings(0.0, 5)),
    "3 trainings, no effect": (".05", trainings(0.0, 3)),
    "2 trainings, no effect": (".05", trainings(0.0, 2)),
    "5 trainings, effect .05": ("power", trainings(0.05, 5)),
    "any of 10 pairs, no effect": ("<= .05", table_of(5)),
    "mean of means, no effect": (".05", means(0.0)),
    "mean of means, effect .02": ("power", means(0.02)),
}


def main() -> None:
    """Run the trials, print the table, write the raw figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    rows = []
    for name, (wanted, trial) in TRIALS.items():
        clock = time.perf_counter()
        hits = sum(trial(generator(arguments.seed, name, run), run) for run in range(arguments.runs))
        share = wilson(hits, arguments.runs)
        rows.append({"trial": name, "wanted": wanted, **share.model_dump(), "seconds": time.perf_counter() - clock})
        print(f"{name:32} {wanted:7} {share.text()}")
    arguments.out.write_text(
        json.dumps({"runs": arguments.runs, "seed": arguments.seed, "rows": rows}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
