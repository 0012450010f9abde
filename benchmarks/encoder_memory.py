"""Parameters of the shapes, bytes that layers keep for the backward pass, and the memory model against real peaks.

Each peak is that of a child process that does two optimizer steps of two batches of random full rows, as a run does
them, weights saved at the end. `python benchmarks/encoder_memory.py`; about two minutes on two busy cores.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np
import torch
from measuring import machine, write_results
from torch.autograd.graph import saved_tensors_hooks
from transformers import AutoModelForMaskedLM

from mecelle.encoder import shapes
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.estimate import _random_batch, memory_gib
from mecelle.encoder.packed_model import packed_model, plain_model
from mecelle.encoder.shapes import Shape, model_config
from mecelle.training.optimizers import OPTIMIZERS

IDS = {"pad": 0, "cls": 1, "sep": 2}
PAPERS = {"MECELLEM_BASE": (59_008, "155M"), "MECELLEM_LARGE": (59_008, "403M"), "BERT_BASE": (48_000, "none given")}
RUNS = (
    ("TINY", "bf16", 4, "adamw.v1"), ("TINY", "fp32", 4, "adamw.v1"), ("TINY", "bf16", 8, "adamw.v1"),
    ("TINY", "bf16", 4, "muon.v1"), ("SMALL", "bf16", 4, "adamw.v1"), ("SMALL", "fp32", 4, "adamw.v1"),
)  # fmt: skip


def counts() -> list[dict[str, Any]]:
    """Parameters on the meta device; `encoder` is the model without its prediction head."""
    rows = []
    for name in ("TINY", "SMALL", "MEDIUM", *PAPERS):
        words, paper = PAPERS.get(name, (16_000, ""))
        shape = getattr(shapes, name)
        encoder = sum(p.numel() for p in shapes.empty_model(shape, vocabulary=words).base_model.parameters())
        layers, whole = shapes.parameters_of_layers(shape), shapes.parameters(shape, vocabulary=words)
        rows.append(
            {"shape": name, "words": words, "layers": layers, "encoder": encoder, "with_head": whole, "paper": paper}
        )
    return rows


def kept_bytes(family: str, *, bf16: bool) -> list[float]:
    """Bytes per token and layer for each component of width and of feed-forward, and the rest: least squares."""
    sizes, kept = ((128, 128), (128, 512), (256, 256), (256, 768)), []
    for width, feed_forward in sizes:
        saved = {
            (layers, rows): _saved(
                Shape(family=family, layers=layers, width=width, heads=width // 64, feed_forward=feed_forward),
                rows=rows,
                bf16=bf16,
            )
            for layers in (3, 6)
            for rows in (1, 2)
        }
        kept.append((saved[6, 2] - saved[6, 1] - saved[3, 2] + saved[3, 1]) / 3 / 128)
    design = np.array([(width, feed_forward, 1) for width, feed_forward in sizes], float)
    return [round(float(one), 3) for one in np.linalg.lstsq(design, np.array(kept), rcond=None)[0]]


def _saved(shape: Shape, *, rows: int, bf16: bool) -> int:
    config = model_config(shape, vocabulary=100, special_ids=IDS)
    if shape.family == "bert":
        config.attention_probs_dropout_prob = 0.0  # else torch leaves its fused kernel on a processor
    model = AutoModelForMaskedLM.from_config(config, attn_implementation="sdpa").base_model.train()
    own = {parameter.untyped_storage()._cdata for parameter in model.parameters()}
    storages: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            storages[storage._cdata] = storage
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        model(input_ids=torch.ones(rows, 128, dtype=torch.long))
    return sum(storage.nbytes() for storage in storages.values())


def run(name: str, precision: str, rows: int, optimizer_name: str) -> None:
    """In a child: two steps, then its peak and what was expected, as JSON on stdout."""
    config = EncoderConfig(
        shape=getattr(shapes, name), precision=precision, rows_per_batch=rows, tokens_per_step=2 * rows * 512,
        optimizer=optimizer_name,
    )  # fmt: skip
    model = packed_model(model_config(config.shape, vocabulary=16_000, special_ids=IDS)).train()
    optimizer = OPTIMIZERS.get(optimizer_name)(
        model, learning_rate=1e-3, weight_decay=None, betas=config.betas, epsilon=config.epsilon
    )
    batch = _random_batch(config, 16_000)
    for _ in range(2):
        for _ in range(2):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                loss = model(**batch).loss
            loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    with tempfile.TemporaryDirectory() as folder:
        plain_model(model).save_pretrained(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    expected = memory_gib(config, vocabulary=16_000)
    row = {"shape": name, "precision": precision, "rows": rows, "optimizer": optimizer_name}
    sys.stdout.write(json.dumps(row | {"peak_gib": round(peak, 3), "expected_gib": round(expected, 3)}))


def main() -> None:
    """Print three tables and write benchmarks/results/encoder_memory.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", nargs=4, metavar=("SHAPE", "PRECISION", "ROWS", "OPTIMIZER"), help="one child")
    arguments = parser.parse_args()
    if arguments.run:
        name, precision, rows, optimizer = arguments.run
        run(name, precision, int(rows), optimizer)
        return
    found: dict[str, Any] = {"machine": machine("torch", "transformers"), "parameters": counts()}
    found["kept_bytes"] = {
        f"{family} {'bf16' if bf16 else 'fp32'}": kept_bytes(family, bf16=bf16)
        for family in ("modernbert", "bert")
        for bf16 in (True, False)
    }
    found["peaks"] = []
    for settings in RUNS:
        command = [sys.executable, __file__, "--run", *map(str, settings)]
        found["peaks"].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(found["peaks"][-1], flush=True)
    for row in found["parameters"]:
        print(row)
    for name, values in found["kept_bytes"].items():
        print(name, values)
    write_results("encoder_memory", found)


if __name__ == "__main__":
    main()
