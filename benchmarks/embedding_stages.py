"""TurkEmbed4Retrieval in kind: orders of stages, batch sizes, lengths, kinds of pairs, Matryoshka cuts.

    python benchmarks/embedding_stages.py orders  --base E --out R --name N --nli NLI --sts STS --retrieval PAIRS
    python benchmarks/embedding_stages.py batches --base E --out R --name N --retrieval PAIRS --sizes 64 256 1024 4096
    python benchmarks/embedding_stages.py lengths --base E --out R --name N --retrieval PAIRS --lengths 256 1024 2048
    python benchmarks/embedding_stages.py data    --base E --out R --name N --arm natural=A --arm synthetic=B
    python benchmarks/embedding_stages.py cuts    --base MODEL --out R --name N --retrieval PAIRS --cuts 256 128 64 32

orders: NLI, STS, retrieval, and what each order is worth at an equal number of pairs (the last stage gets those of the
stages that are left out); full chains also leave a forgetting table, models after every stage on the held-out pairs of
every stage. batches: as many pairs for each size. data: as many pairs of each kind (`mecelle embedding blend --set
total=N` makes them). cuts: no training; MRR of the held-out pairs, bytes of the vectors, milliseconds a query of exact
search over `--documents` random vectors, one thread.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from embedding_study import CACHE, arguments_of, keep, named, study

from mecelle.base.artifacts import is_artifact
from mecelle.base.seeds import generator
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.pairs.record import read_held_out
from mecelle.embedding.stages.chain import Step
from mecelle.embedding.stages.named import ORDERS, STAGES, at_equal_budget
from mecelle.evaluation.vectors import Vectors
from mecelle.models.names import load_encoder
from mecelle.recipes.embedding_study import Arm, Scored, Values, rows, trained_arms
from mecelle.recipes.forgetting import ForgettingConfig, measure_forgetting, unit_values


def orders(arguments: argparse.Namespace) -> None:
    """The paper's order against its rivals."""
    sets = {"nli": arguments.nli, "sts": arguments.sts, "retrieval": arguments.retrieval}
    batches = {"nli": arguments.nli_batch, "sts": arguments.sts_batch, "retrieval": arguments.batch}
    steps = {"nli": arguments.nli_steps, "sts": arguments.sts_steps, "retrieval": arguments.steps}
    configs = {name: _config(arguments, STAGES[name], batch=batches[name]) for name in STAGES}
    arms = []
    for name in arguments.orders:
        settled = at_equal_budget(configs, ORDERS[name], steps)
        arms.append(Arm(name, tuple(Step(stage, sets[stage], config) for stage, config in settled.items())))
    study(arms, sets, arguments)
    trained = trained_arms(arms[:1], arguments.seeds, arguments.out)
    for (arm, seed), stages in trained.items():
        place = arguments.out / f"forgetting-{arm}-{seed}"
        if not is_artifact(place, stage="forgetting"):
            config = ForgettingConfig(max_length=arguments.max_length, cuts=tuple(arguments.cuts))
            measure_forgetting(
                {"begin": arguments.base, **stages}, sets, place, config, seed=arguments.seed, cache=CACHE
            )


def batches(arguments: argparse.Namespace) -> None:
    """The same pairs in batches of several sizes; the rate grows with the root of the batch."""
    pairs = arguments.steps * arguments.batch
    arms = []
    for size in arguments.sizes:
        config = _config(arguments, STAGES["retrieval"], batch=size).model_copy(
            update={
                "most_steps": max(1, pairs // size),
                "learning_rate": arguments.learning_rate * (size / arguments.batch) ** 0.5,
            }
        )
        arms.append(Arm(f"batch-{size}", (Step("retrieval", arguments.retrieval, config),)))
    study(arms, {"retrieval": arguments.retrieval}, arguments)


def lengths(arguments: argparse.Namespace) -> None:
    """Several maximum lengths, in training and in scoring (Mecellem, Table 16)."""
    arms = []
    for length in arguments.lengths:
        config = _config(arguments, STAGES["retrieval"], batch=arguments.batch)
        config = config.model_copy(update={"max_length": length, "most_steps": arguments.steps})
        arms.append(Arm(f"length-{length}", (Step("retrieval", arguments.retrieval, config),)))
    study(arms, {"retrieval": arguments.retrieval}, arguments)


def data(arguments: argparse.Namespace) -> None:
    """Kinds of pairs at equal count; all are scored on the held-out pairs of all."""
    sets = named(arguments.arm)
    config = _config(arguments, STAGES["retrieval"], batch=arguments.batch)
    config = config.model_copy(update={"most_steps": arguments.steps})
    study([Arm(name, (Step("retrieval", place, config),)) for name, place in sets.items()], sets, arguments)


def cuts(arguments: argparse.Namespace) -> None:
    """What shorter vectors cost and save."""
    encoder = load_encoder(arguments.base, max_length=arguments.max_length)
    held = read_held_out(arguments.retrieval)
    widths = [encoder.dimension, *(cut for cut in arguments.cuts if cut < encoder.dimension)]
    values: Values = {}
    for width in widths:
        vectors = Vectors(encoder, CACHE, cut=width)
        for measure, units in unit_values(vectors, held).items():
            values.setdefault(measure, {})[str(width)] = [Scored(units, float(units.mean()))]
    found = rows(values, baseline=str(widths[0]), seed=arguments.seed)
    costs = {width: _search_cost(width, arguments.documents, arguments.seed) for width in widths}
    lines = [
        "| components | measure | score | change | MB for a million, float32 | ms a query |",
        "|---|---|---|---|---|---|",
    ]
    for row in found:
        change, width = row["against_baseline"], int(row["arm"])
        told = f"{change['difference']:+.3f} [{change['low']:+.3f}, {change['high']:+.3f}]" if change else ""
        score = f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        lines.append(f"| {width} | {row['measure']} | {score} | {told} | {4 * width:,} | {costs[width]:.2f} |")
    keep(arguments, {"rows": found, "milliseconds": costs, "documents": arguments.documents}, "\n".join(lines) + "\n")


def _search_cost(width: int, documents: int, seed: int) -> float:
    """Milliseconds of an exact search of one query, the median of 21."""
    rng = generator(seed, "cuts")
    d_ND = rng.standard_normal((documents, width), dtype=np.float32)
    q_D = rng.standard_normal(width, dtype=np.float32)
    times = []
    for _ in range(21):
        began = time.perf_counter()
        np.argpartition(d_ND @ q_D, -10)[-10:]
        times.append(1_000 * (time.perf_counter() - began))
    return float(np.median(times))


def _config(arguments: argparse.Namespace, stage: EmbeddingConfig, *, batch: int) -> EmbeddingConfig:
    return stage.model_copy(
        update={
            "batch": batch,
            "chunk": arguments.chunk if batch > arguments.chunk else None,
            "epochs": 1_000.0,
            "learning_rate": arguments.learning_rate,
            "max_length": arguments.max_length,
            "dims": tuple(arguments.cuts),
        }
    )


STUDIES = {one.__name__: one for one in (orders, batches, lengths, data, cuts)}


def main() -> None:
    """Run one study."""
    parser = arguments_of(__doc__ or "")
    parser.add_argument("study", choices=list(STUDIES))
    for name in ("nli", "sts", "retrieval"):
        parser.add_argument(f"--{name}", type=Path, help="artifact of pairs")
    parser.add_argument("--orders", nargs="+", default=list(ORDERS), help="the first one is the baseline")
    parser.add_argument("--steps", type=int, default=60, help="of retrieval, where all stages are run")
    parser.add_argument("--nli-steps", type=int, default=100)
    parser.add_argument("--sts-steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=1024, help="of retrieval")
    parser.add_argument("--nli-batch", type=int, default=128)
    parser.add_argument("--sts-batch", type=int, default=32)
    parser.add_argument("--chunk", type=int, default=32, help="texts that go through the model at a time")
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256, 1024, 4096])
    parser.add_argument("--lengths", type=int, nargs="+", default=[256, 1024, 2048])
    parser.add_argument("--cuts", type=int, nargs="*", default=[256, 128, 64, 32])
    parser.add_argument("--arm", action="append", default=[], help="name=artifact of pairs")
    arguments = parser.parse_args()
    STUDIES[arguments.study](arguments)


if __name__ == "__main__":
    main()
