"""Milliseconds of an optimizer step: each optimizer, and torch's three forms of AdamW, at 8M and 25M parameters.

All forms take turns in one run, so that the machine's load falls on all alike. Medians and the least of `--rounds`.
`python benchmarks/optimizers.py`; about a minute.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from measuring import machine, write_results
from transformers import AutoModelForMaskedLM

from mecelle.encoder import shapes
from mecelle.encoder.shapes import model_config
from mecelle.training.optimizers import OPTIMIZERS
from mecelle.training.parameter_groups import decay_groups

SETTINGS: dict[str, Any] = {"learning_rate": 1e-3, "weight_decay": None, "betas": (0.9, 0.98), "epsilon": 1e-6}


def forms() -> dict[str, Callable[[torch.nn.Module], torch.optim.Optimizer]]:
    """Makers by name."""

    def adamw(**how: bool) -> Callable[[torch.nn.Module], torch.optim.Optimizer]:
        return lambda model: torch.optim.AdamW(decay_groups(model.parameters(), weight_decay=0.01), lr=1e-3, **how)

    def stable(**how: bool) -> Callable[[torch.nn.Module], torch.optim.Optimizer]:
        import optimi

        return lambda model: optimi.StableAdamW(
            decay_groups(model.parameters(), weight_decay=1e-5), lr=1e-3, decouple_lr=True, **how
        )

    ours = {name: (lambda model, name=name: OPTIMIZERS.get(name)(model, **SETTINGS)) for name in OPTIMIZERS.names()}
    return ours | {
        "AdamW for-loop": adamw(foreach=False), "AdamW foreach": adamw(foreach=True),
        "StableAdamW foreach": stable(foreach=True),
    }  # fmt: skip


def main() -> None:
    """Print a table and write benchmarks/results/optimizers.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    found: dict[str, Any] = {"machine": machine("torch", "torch-optimi"), "threads": torch.get_num_threads()}
    for name in ("TINY", "SMALL"):
        config = model_config(getattr(shapes, name), vocabulary=16_000, special_ids={"pad": 0, "cls": 1, "sep": 2})
        model = AutoModelForMaskedLM.from_config(config)
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter) * 1e-3
        optimizers = {form: make(model) for form, make in forms().items()}
        times: dict[str, list[float]] = {form: [] for form in optimizers}
        for number in range(arguments.rounds + 1):
            for form, optimizer in optimizers.items():
                begin = time.perf_counter()
                optimizer.step()
                if number:  # the first makes the states
                    times[form].append(1e3 * (time.perf_counter() - begin))
        found[name] = {
            form: {"median_ms": round(statistics.median(each), 1), "least_ms": round(min(each), 1)}
            for form, each in times.items()
        }
        for form, figures in found[name].items():
            print(f"{name:6} {form:20} median {figures['median_ms']:8.1f} ms, least {figures['least_ms']:8.1f} ms")
    write_results("optimizers", found)


if __name__ == "__main__":
    main()
