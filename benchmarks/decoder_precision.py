"""The precision study of Mecellem §4.4.6, Table 21: step time, speed-up, first and final loss by precision.

    python benchmarks/decoder_precision.py --training /path/of/collection --tokenizer /path [--initial MODEL]

All strategies train under identical settings (same rows in the same order, same seed, same initial weights) with
`mecelle.decoder.pretrain`. Those that this machine cannot run are listed with what they need. Step time is that of the
median step, without checkpoints and evaluations; the speed-up is steps/s over those of bf16, as in the paper; losses
are the mean over the first and the last log interval, and on held-out rows at the end.
"""

import argparse
from pathlib import Path
from statistics import median
from typing import Any, get_args

import torch
from measuring import machine, write_results

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ResourceError
from mecelle.decoder import shapes
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.precision import STRATEGIES, Precision, strategy_of
from mecelle.decoder.pretrain import pretrain

PAPER = {
    "fp16-fp8": (0.467, 0.205, 1.342, 1.250),
    "fp16-fp8-cs": (0.4683, 0.202, 1.336, 1.246),
    "fp16": (0.5001, 0.125, 1.332, 1.241),
    "bf16-fp8": (0.5208, 0.080, 1.338, 1.095),
    "bf16-fp8-cs": (0.5378, 0.046, 1.335, 1.101),
    "bf16": (0.5627, 0.0, 1.328, 1.090),
}
"""Table 21, Qwen3-4B on H100: seconds a step, speed-up, first and final loss."""
SEED = 7


def main() -> None:
    """Print a table and write benchmarks/results/decoder_precision.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training", type=Path, required=True, help="a collection")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--initial", help="a causal model to go on from; else a new one of --shape")
    parser.add_argument("--shape", default="tiny", choices=["smoke", "tiny", "small", "medium"])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--tokens-per-step", type=int, default=8_192)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("/tmp/decoder-precision"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = [train(options, name) for name in get_args(Precision) if name != "auto"]
    show(rows)
    settings = {name: str(value) for name, value in vars(options).items()}
    figures = {"machine": machine("torch", "transformers"), "settings": settings, "seed": SEED, "rows": rows}
    write_results("decoder_precision", figures)


def train(options: argparse.Namespace, name: Precision) -> dict[str, Any]:
    """Figures of one strategy, or why it is refused."""
    row: dict[str, Any] = {"precision": name, "nemo": STRATEGIES[name].nemo, "paper": PAPER.get(name)}
    try:
        strategy_of(name)
    except ResourceError as error:
        return row | {"refused": str(error)}
    config = DecoderConfig(
        shape=getattr(shapes, options.shape.upper()),
        sequence_length=options.length,
        rows_per_batch=options.rows,
        tokens_per_step=options.tokens_per_step,
        budget_tokens=options.steps * options.tokens_per_step,
        learning_rate=options.rate,
        precision=name,
        logs=min(options.steps, 100),
        evaluations=1,
    )
    out, work = options.work / name, options.work / f"work-{name}"
    if not out.exists():
        pretrain(options.training, options.tokenizer, out, config, seed=SEED, work=work, initial=options.initial)
    (speed,) = work.glob("*/speed.jsonl")
    curve = list(read_jsonl(out / "curve.jsonl"))
    return row | {
        "step_seconds": options.tokens_per_step / median(one["step_tokens_per_second"] for one in read_jsonl(speed)),
        "first_loss": curve[0]["train_loss"],
        "final_loss": curve[-1]["train_loss"],
        "eval_loss": curve[-1]["eval_loss"],
        "interval_steps": config.log_steps,
    }


def show(rows: list[dict[str, Any]]) -> None:
    """One row a strategy, the paper's figures beside ours."""
    reference = next(row["step_seconds"] for row in rows if row["precision"] == "bf16")
    print(
        "| precision | NeMo | step, s | speed-up | first loss | final loss | held out | paper: step, speed-up, losses |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        paper = "none" if row["paper"] is None else "{:.4g} s, {:.1%}, {:.3f}, {:.3f}".format(*row["paper"])
        if "refused" in row:
            print(f"| {row['precision']} | {row['nemo']} | not run | | | | | {paper} |")
            continue
        print(
            f"| {row['precision']} | {row['nemo'] or ''} | {row['step_seconds']:.3f} | "
            f"{reference / row['step_seconds'] - 1:+.1%} | {row['first_loss']:.3f} | {row['final_loss']:.3f} | "
            f"{row['eval_loss']:.3f} | {paper} |"
        )
    for row in rows:
        if "refused" in row:
            print(row["refused"])


if __name__ == "__main__":
    main()
