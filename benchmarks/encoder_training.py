"""Tokens per second of masked-LM training: ours against transformers.Trainer, side by side on the same text and model.

    python benchmarks/encoder_training.py --pack /path/of/pack --tokenizer /path [--shapes tiny small] [--rounds 3]

Each contender trains in a process of its own; in each round all of them take their turn, so that a busy machine slows
all alike. A contender's first step (start, compilation, caches) does not count and is told apart. What counts: the time
between two optimizer steps of the Trainer's own loop, with data preparation, gradient clipping and optimizer. With one
thread `--clock cpu` takes processor seconds instead, which other work on the machine distorts least.

trainer-fp32   transformers.Trainer with its defaults: fp32, eight rows of grouped text, DataCollatorForLanguageModeling
trainer-bf16   the same with bf16=True
ours           this project's loop with `compilation: off`; masks between documents, words masked whole
ours-compiled  the same, compiled; -fp32: without bf16

Operations per token are counted by `training.throughput.encoder_flops`: what the mathematics needs, matrix products
alone, with the keys that document masks and windows leave, and the head at predicted places; the same count for all, so
that a contender that computes the head everywhere does not get credit for it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

RESULTS = Path(__file__).parent / "results" / "encoder_training.json"
CONTENDERS = ("trainer-fp32", "trainer-bf16", "ours", "ours-compiled", "ours-fp32")
SEED = 7
WARM_STEPS = 1
CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=Path, required=True, help="rows made by mecelle.training.packing.pack")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--shapes", nargs="+", default=["tiny", "small"], choices=["tiny", "small", "medium"])
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6, help="optimizer steps that are timed, in each round")
    parser.add_argument("--rows", type=int, default=4, help="rows that our loop takes at once")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens-per-step", type=int, default=8_192)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--child", nargs=2, metavar=("SHAPE", "CONTENDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_child(options, *options.child)
        return
    rows = []
    for shape in options.shapes:
        peak = measure_peak(options.threads, CLOCKS[options.clock])
        rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in options.contenders}
        for _ in range(options.rounds):
            for name in options.contenders:
                rounds[name].append(start_child(options, shape, name))
        peak = max(peak, measure_peak(options.threads, CLOCKS[options.clock]))
        rows += [summary(shape, name, results, peak) for name, results in rounds.items()]
        show(rows[-len(options.contenders) :], peak)
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def start_child(options: argparse.Namespace, shape: str, name: str) -> dict[str, Any]:
    from mecelle.base.allocator import ALLOCATOR

    arguments = [f"--pack={options.pack}", f"--tokenizer={options.tokenizer}", f"--steps={options.steps}"]
    arguments += [f"--rows={options.rows}", f"--threads={options.threads}", f"--clock={options.clock}"]
    arguments += [f"--tokens-per-step={options.tokens_per_step}", "--child", shape, name]
    environment = dict(os.environ)
    for variable in ALLOCATOR:
        environment.pop(variable, None)
    if name.startswith("ours"):  # `mecelle encoder pretrain` sets them; a user of the Trainer does not have them
        environment |= ALLOCATOR
    done = subprocess.run(
        [sys.executable, __file__, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    result: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return result


def run_child(options: argparse.Namespace, shape_name: str, name: str) -> None:
    import torch

    from mecelle.models.quiet import quiet

    torch.set_num_threads(options.threads)
    with quiet(), tempfile.TemporaryDirectory() as folder:
        make = make_ours if name.startswith("ours") else make_trainer
        read = CLOCKS[options.clock]
        began = read()
        trainer, flops = make(options, shape_name, name, Path(folder))
        clock = make_clock(options.steps, read)
        trainer.add_callback(clock)
        trainer.train()
    facts = {
        "warm_seconds": clock.times[WARM_STEPS - 1] - began,
        "step_seconds": np.diff(clock.times[WARM_STEPS - 1 :]).tolist(),
        "tokens_per_step": options.tokens_per_step,
        "flops_per_token": flops,
        "loss": trainer.state.log_history[0]["loss"],
    }
    print(orjson.dumps(facts).decode())


def make_clock(steps: int, read: Callable[[], float]) -> Any:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.times: list[float] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            self.times.append(read())
            control.should_training_stop = len(self.times) >= WARM_STEPS + steps
            return control

    return Clock()


def make_ours(options: argparse.Namespace, shape_name: str, name: str, folder: Path) -> tuple[Any, float]:
    import torch

    from mecelle.encoder import shapes
    from mecelle.encoder.batches import EvaluationRows, Masker, TrainingRows, collate
    from mecelle.encoder.config import EncoderConfig
    from mecelle.encoder.mixture import Mixture
    from mecelle.encoder.packed_model import packed_model
    from mecelle.encoder.vocabulary import load_vocabulary
    from mecelle.training.order import Order
    from mecelle.training.packing import Rows
    from mecelle.training.trainer import make_trainer as make

    _, vocabulary = load_vocabulary(options.tokenizer)
    special = {kind: vocabulary.special_ids[kind] for kind in ("cls", "sep", "pad")}
    rows = Rows(options.pack, "training", **special)
    shape = getattr(shapes, shape_name.upper())
    steps = WARM_STEPS + options.steps
    config = EncoderConfig(
        shape=shape,
        sequence_length=rows.length,
        rows_per_batch=options.rows,
        tokens_per_step=options.tokens_per_step,
        budget_tokens=options.tokens_per_step * 1000,  # the schedule of a long run: neither contender decays here
        precision="fp32" if name.endswith("fp32") else "bf16",
        logs=1000,
        evaluations=1,
    )
    order = Order(len(rows), rows_per_step=config.rows_per_step, seed=SEED)
    masker = Masker(
        masking=Mixture(config.masking),
        rates=config.masking_rates,
        replacement=config.replacement,
        vocabulary=vocabulary,
        seed=SEED,
    )
    torch.manual_seed(SEED)
    model = packed_model(shapes.model_config(shape, vocabulary=vocabulary.size, special_ids=vocabulary.special_ids))
    if name == "ours-compiled":
        model.compile_parts()
    training = TrainingRows(rows, order, masker, steps=config.steps)
    held_out = EvaluationRows(Rows(options.pack, "evaluation", **special), masker, count=config.evaluation_rows)
    assert steps < config.steps
    trainer = make(config, model, training, held_out, collate, arithmetic=config.precision, output=folder, seed=SEED)
    return trainer, useful_flops(rows, shape, vocabulary=vocabulary.size, predicted_share=0.30)


def make_trainer(options: argparse.Namespace, shape_name: str, name: str, folder: Path) -> tuple[Any, float]:
    import torch
    from datasets import Dataset
    from transformers import (
        AutoModelForMaskedLM,
        AutoTokenizer,
        DataCollatorForLanguageModeling,
        Trainer,
        TrainingArguments,
    )

    from mecelle.encoder import shapes
    from mecelle.encoder.vocabulary import Vocabulary
    from mecelle.training.callbacks import silence
    from mecelle.training.packing import Rows

    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    vocabulary = Vocabulary(tokenizer, name="tokenizer")
    rows = Rows(options.pack, "training", **{kind: vocabulary.special_ids[kind] for kind in ("cls", "sep", "pad")})
    # Grouped texts, as in run_mlm.py: one stream of tokens cut into rows; without document masks.
    count = (WARM_STEPS + options.steps) * options.tokens_per_step // rows.length
    stream = np.concatenate([rows[row]["ids"][rows[row]["block"] >= 0] for row in range(count + 8)])
    grouped = stream[: count * rows.length].reshape(count, rows.length)
    torch.manual_seed(SEED)
    shape = getattr(shapes, shape_name.upper())
    config = shapes.model_config(shape, vocabulary=vocabulary.size, special_ids=vocabulary.special_ids)
    trainer = Trainer(
        model=AutoModelForMaskedLM.from_config(config),
        args=TrainingArguments(
            output_dir=str(folder),
            max_steps=count,
            per_device_train_batch_size=8,
            gradient_accumulation_steps=options.tokens_per_step // rows.length // 8,
            bf16=name == "trainer-bf16",
            use_cpu=True,
            learning_rate=1e-3,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=1,
            seed=SEED,
        ),
        train_dataset=Dataset.from_dict({"input_ids": grouped}),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.30),
    )
    silence(trainer)
    return trainer, 0.0  # counted as for ours: see `summary`


def useful_flops(rows: Any, shape: Any, *, vocabulary: int, predicted_share: float) -> float:
    """Training operations of one token, with the keys that a query meets on average in its document and window."""
    from mecelle.training.throughput import encoder_flops

    sizes = np.asarray(rows.pieces[:, 2]) + 2
    reach = np.minimum(shape.window // 2, sizes - 1)
    near = sizes * (2 * reach + 1) - reach * (reach + 1)
    global_layers = len(range(0, shape.layers, shape.global_every))
    counted = encoder_flops(
        width=shape.width,
        feed_forward=shape.feed_forward,
        global_layers=global_layers,
        local_layers=shape.layers - global_layers,
        sequence_length=round((sizes**2).sum() / sizes.sum()),
        window=round(near.sum() / sizes.sum()) - 1,
        vocabulary=vocabulary,
        predicted_share=predicted_share,
    )
    return counted.training


def measure_peak(threads: int, clock: Callable[[], float]) -> float:
    import torch

    from mecelle.training.throughput import matmul_peak

    torch.set_num_threads(threads)
    return max(matmul_peak(torch.bfloat16, size=size, seconds=2.0, clock=clock) for size in (2048, 3072, 4096))


def summary(shape: str, name: str, results: list[dict[str, Any]], peak: float) -> dict[str, Any]:
    steps = [seconds for result in results for seconds in result["step_seconds"]]
    speeds = [result["tokens_per_step"] / statistics.median(result["step_seconds"]) for result in results]
    return {
        "shape": shape,
        "contender": name,
        "tokens_per_second": statistics.median(speeds),
        "rounds": speeds,
        "p95_over_median": float(np.percentile(steps, 95) / np.median(steps)),
        "warm_seconds": [result["warm_seconds"] for result in results],
        "flops_per_token": results[0]["flops_per_token"],
        "peak": peak,
        "first_loss": results[0]["loss"],
        "results": results,
    }


def show(rows: list[dict[str, Any]], peak: float) -> None:
    flops = max(row["flops_per_token"] for row in rows)
    print(f"{rows[0]['shape']}: peak of bf16 products {peak / 1e9:.0f} GFLOP/s, {flops / 1e6:.1f} MFLOP a token")
    print("| contender | tokens/s | rounds | MFU | p95 / median step | start, s |\n|---|---|---|---|---|---|")
    for row in rows:
        speed, rounds = row["tokens_per_second"], " ".join(f"{value:,.0f}" for value in row["rounds"])
        warm = statistics.median(row["warm_seconds"])
        print(
            f"| {row['contender']} | {speed:,.0f} | {rounds} | {speed * flops / peak:.2f} | "
            f"{row['p95_over_median']:.2f} | {warm:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
