"""Tokens per second of causal training: ours against transformers.Trainer, side by side on the same text and model.

    python benchmarks/decoder_training.py --training /path/of/collection --tokenizer /path [--shapes tiny small medium]

Each contender trains in a process of its own; in each round all of them take their turn, so that a busy machine slows
all alike. A contender's first step (start, compilation, caches) does not count and is told apart. What counts: the time
between two optimizer steps of the Trainer's own loop, with data preparation, gradient clipping and optimizer. With one
thread `--clock cpu` takes processor seconds instead, which other work on the machine distorts least.

trainer-bf16   transformers.Trainer with bf16=True: grouped texts (one stream cut into rows), as in run_clm.py;
               attention crosses documents, the logits of a batch are all in memory
ours           this project's loop with `compilation: off`: attention within documents, loss in chunks
ours-compiled  the same, compiled

MFU: `decoder.flops.causal_flops` (what the mathematics needs: products in layers, half of the attention pairs, head at
every token; the same for all) times tokens/s, over the best bf16 product of this machine in the same run.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from measuring import machine, write_results

CONTENDERS = ("trainer-bf16", "ours", "ours-compiled")
SHAPES = ("tiny", "small", "medium")
SEED = 7
LENGTH = 512
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
DOCUMENTS = 3000
"""Documents of the collection that are packed."""


def main() -> None:
    """Print a table and write benchmarks/results/decoder_training.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training", type=Path, required=True, help="a collection")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="optimizer steps that are timed, in each round")
    parser.add_argument("--rows", type=int, default=4, help="rows of 512 tokens that a contender takes at once")
    parser.add_argument("--tokens-per-step", type=int, default=8_192)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--work", type=Path, default=Path("/tmp/decoder-training"), help="keeps the packed rows")
    parser.add_argument("--child", nargs=2, metavar=("SHAPE", "CONTENDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_child(options, *options.child)
        return
    prepare(options)
    rows = []
    for shape in options.shapes:
        peak = measure_peak(options)
        rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in options.contenders}
        for _ in range(options.rounds):
            for name in options.contenders:
                rounds[name].append(start_child(shape, name))
        peak = max(peak, measure_peak(options))
        rows += [summary(options.tokens_per_step, shape, name, results, peak) for name, results in rounds.items()]
        show(rows[-len(options.contenders) :], peak)
    settings = {name: str(value) for name, value in vars(options).items()}
    write_results("decoder_training", {"machine": machine("torch", "transformers"), "settings": settings, "rows": rows})


def prepare(options: argparse.Namespace) -> None:
    """Pack the first documents of the collection once."""
    from mecelle.base.collection import read_documents, write_documents
    from mecelle.decoder.rows import pack
    from mecelle.decoder.special_tokens import load_tokenizer
    from mecelle.training.packing import PackConfig

    if (options.work / "pack").exists():
        return
    write_documents(islice(read_documents(options.training), DOCUMENTS), options.work / "documents")
    loaded, special = load_tokenizer(options.tokenizer)
    sizes = PackConfig(sequence_length=LENGTH, evaluation_rows=16)
    out = options.work / "pack"
    pack(options.work / "documents", options.tokenizer, loaded, special, out, sizes, seed=SEED)


def start_child(shape: str, name: str) -> dict[str, Any]:
    """One contender in a process of its own; ours with the allocator that the command line sets."""
    from mecelle.base.allocator import ALLOCATOR

    environment = {key: value for key, value in os.environ.items() if key not in ALLOCATOR}
    if name.startswith("ours"):  # a user of the Trainer does not have them
        environment |= ALLOCATOR
    command = [sys.executable, *sys.argv, "--child", shape, name]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return result


def run_child(options: argparse.Namespace, shape: str, name: str) -> None:
    """Train one step to warm up and the others by the clock; tell their seconds as JSON."""
    import torch

    from mecelle.models.quiet import quiet

    torch.set_num_threads(options.threads)
    read = CLOCKS[options.clock]
    with quiet(), tempfile.TemporaryDirectory() as folder:
        began = read()
        trainer, flops = (make_ours if name.startswith("ours") else make_trainer)(options, shape, name, Path(folder))
        clock = make_clock(options.steps, read)
        trainer.add_callback(clock)
        trainer.train()
    facts = {
        "warm_seconds": clock.times[0] - began,
        "step_seconds": np.diff(clock.times).tolist(),
        "flops_per_token": flops,
        "loss": trainer.state.log_history[0]["loss"],
    }
    print(orjson.dumps(facts).decode())


def make_clock(steps: int, read: Any) -> Any:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.times: list[float] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            self.times.append(read())
            control.should_training_stop = len(self.times) > steps
            return control

    return Clock()


def make_ours(options: argparse.Namespace, shape: str, name: str, folder: Path) -> tuple[Any, float]:
    import torch

    from mecelle.decoder import shapes
    from mecelle.decoder.config import DecoderConfig
    from mecelle.decoder.flops import causal_flops
    from mecelle.decoder.packed_model import packed_model
    from mecelle.decoder.rows import CausalRows, EvaluationRows, TrainingRows, collate
    from mecelle.decoder.special_tokens import load_tokenizer
    from mecelle.training.order import Order
    from mecelle.training.trainer import make_trainer as make

    loaded, special = load_tokenizer(options.tokenizer)
    config = DecoderConfig(
        shape=getattr(shapes, shape.upper()),
        sequence_length=LENGTH,
        rows_per_batch=options.rows,
        tokens_per_step=options.tokens_per_step,
        budget_tokens=options.tokens_per_step * 1000,  # the schedule of a long run: neither contender decays here
        logs=1000,
        evaluations=1,
    )
    rows, held_out = (CausalRows(options.work / "pack", part, pad=special.pad) for part in ("training", "evaluation"))
    order = Order(len(rows), rows_per_step=config.rows_per_step, seed=SEED)
    torch.manual_seed(SEED)
    model = packed_model(shapes.model_config(config.shape, vocabulary=len(loaded)))
    if name == "ours-compiled":
        model.compile_parts()
    training = TrainingRows(rows, order, steps=config.steps)
    evaluation = EvaluationRows(held_out, count=1)
    trainer = make(config, model, training, evaluation, collate, arithmetic="bf16", output=folder, seed=SEED)
    return trainer, causal_flops(model, sequence_length=LENGTH).training


def make_trainer(options: argparse.Namespace, shape: str, name: str, folder: Path) -> tuple[Any, float]:
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, default_data_collator

    from mecelle.decoder import shapes
    from mecelle.decoder.flops import causal_flops
    from mecelle.decoder.rows import CausalRows
    from mecelle.decoder.special_tokens import load_tokenizer
    from mecelle.training.callbacks import silence

    loaded, special = load_tokenizer(options.tokenizer)
    rows = CausalRows(options.work / "pack", "training", pad=special.pad)
    count = (options.steps + 1) * options.tokens_per_step // LENGTH
    stream = np.concatenate([rows[row]["ids"][rows[row]["block"] >= 0] for row in range(2 * count)])
    grouped = stream[: count * LENGTH].reshape(count, LENGTH)
    torch.manual_seed(SEED)
    config = shapes.model_config(getattr(shapes, shape.upper()), vocabulary=len(loaded))
    model = AutoModelForCausalLM.from_config(config)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(folder),
            max_steps=count,
            per_device_train_batch_size=options.rows,
            gradient_accumulation_steps=options.tokens_per_step // LENGTH // options.rows,
            bf16=True,
            use_cpu=True,
            learning_rate=5e-5,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=1,
            seed=SEED,
        ),
        train_dataset=Dataset.from_dict({"input_ids": grouped, "labels": grouped}),
        data_collator=default_data_collator,
    )
    silence(trainer)
    return trainer, causal_flops(model, sequence_length=LENGTH).training


def measure_peak(options: argparse.Namespace) -> float:
    """Best operations/s of a bf16 product."""
    import torch

    from mecelle.training.throughput import matmul_peak

    torch.set_num_threads(options.threads)
    clock = CLOCKS[options.clock]
    return max(matmul_peak(torch.bfloat16, size=size, seconds=2.0, clock=clock) for size in (2048, 3072, 4096))


def summary(tokens: int, shape: str, name: str, results: list[dict[str, Any]], peak: float) -> dict[str, Any]:
    """Median of the rounds, and all that it was taken from. tokens: of a step."""
    speeds = [tokens / statistics.median(result["step_seconds"]) for result in results]
    return {
        "shape": shape,
        "contender": name,
        "tokens_per_second": statistics.median(speeds),
        "rounds": speeds,
        "warm_seconds": [result["warm_seconds"] for result in results],
        "flops_per_token": results[0]["flops_per_token"],
        "peak": peak,
        "results": results,
    }


def show(rows: list[dict[str, Any]], peak: float) -> None:
    """One table a shape."""
    flops = rows[0]["flops_per_token"]
    print(f"\n{rows[0]['shape']}: peak of bf16 products {peak / 1e9:.0f} GFLOP/s, {flops / 1e6:.1f} MFLOP a token")
    print("| contender | tokens/s | rounds | MFU | against the Trainer | start, s |\n|---|---|---|---|---|---|")
    for row in rows:
        speed, rounds = row["tokens_per_second"], " ".join(f"{value:,.0f}" for value in row["rounds"])
        print(
            f"| {row['contender']} | {speed:,.0f} | {rounds} | {speed * flops / peak:.2f} | "
            f"{speed / rows[0]['tokens_per_second']:.2f} | {statistics.median(row['warm_seconds']):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
