"""Precision strategies of Mecellem §4.4.6, Table 21: what each computes in, and what it needs to run.

Only fp32 and bf16 have run here. The others want a graphics card and are refused without one. FP8 products are
TransformerEngine's (delayed scaling) and torchao's (scaling by tensor), which the paper's NeMo and others stand on.
"""

from dataclasses import dataclass
from typing import Any, Literal

from mecelle.base.errors import ResourceError, require
from mecelle.decoder.config import Precision
from mecelle.models.precision import resolve

FP8_CAPABILITY = (8, 9)
"""First CUDA capability with FP8 products (Ada, Hopper)."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """What a name of Table 21 means. Weights, gradients and moments are fp32 in all."""

    nemo: str | None
    """Name in NeMo, as the paper gives it; fp32 is not in the table."""
    arithmetic: Literal["fp32", "bf16", "fp16"]
    """Of products that are not in FP8."""
    scaling: Literal["delayed", "tensorwise"] | None = None
    """Of FP8 products in the layers, E4M3 forward and E5M2 backward: from the largest values of past steps, or of the
    tensor itself; None: no FP8."""
    edges_in_half: bool = False
    """Whether the first and the last layer stay in `arithmetic`."""


STRATEGIES: dict[str, Strategy] = {
    "fp32": Strategy(nemo=None, arithmetic="fp32"),
    "bf16": Strategy(nemo="bf16_mixed", arithmetic="bf16"),
    "fp16": Strategy(nemo="fp16_mixed", arithmetic="fp16"),
    "bf16-fp8": Strategy(nemo="bf16_with_fp8_mixed", arithmetic="bf16", scaling="delayed"),
    "fp16-fp8": Strategy(nemo="fp16_with_fp8_mixed", arithmetic="fp16", scaling="delayed"),
    "bf16-fp8-cs": Strategy(
        nemo="bf16_with_fp8_current_scaling_mixed", arithmetic="bf16", scaling="tensorwise", edges_in_half=True
    ),
    "fp16-fp8-cs": Strategy(
        nemo="fp16_with_fp8_current_scaling_mixed", arithmetic="fp16", scaling="tensorwise", edges_in_half=True
    ),
}


def strategy_of(precision: Precision) -> Strategy:
    """The strategy that `precision` names; "auto": fp32 or bf16, whichever is faster on this machine.

    Raises ResourceError, saying what is needed, if this machine cannot run it.
    """
    import torch

    chosen = STRATEGIES[resolve(precision) if precision == "auto" else precision]
    found = "there is none" if not torch.cuda.is_available() else torch.cuda.get_device_name()
    if chosen.arithmetic == "fp16" and not torch.cuda.is_available():
        raise ResourceError(
            f'precision "{precision}": float16 products with loss scaling need a graphics card, {found} here; '
            'take "bf16", "fp32" or "auto"'
        )
    if chosen.scaling and (not torch.cuda.is_available() or torch.cuda.get_device_capability() < FP8_CAPABILITY):
        raise ResourceError(
            f'precision "{precision}": FP8 products need a graphics card of CUDA capability '
            f'{".".join(map(str, FP8_CAPABILITY))} or more (Ada, Hopper or newer), {found} here; take "bf16" or "auto"'
        )
    return chosen


def convert(layers: Any, strategy: Strategy) -> None:
    """Let the linear maps of `layers`, a list of transformer layers, multiply in FP8 if `strategy` says so.

    Raises MissingPackageError if the library is absent. Never run: there was no such card.
    """
    chosen = layers[1:-1] if strategy.edges_in_half else layers
    if strategy.scaling == "tensorwise":
        float8 = require("torchao.float8", package="torchao", why="FP8 with scaling by tensor")
        for layer in chosen:
            float8.convert_to_float8_training(layer)
    elif strategy.scaling == "delayed":
        require("transformer_engine", package="transformer-engine[pytorch]", why="FP8 with delayed scaling")
        from accelerate.utils import TERecipeKwargs, apply_fp8_autowrap, convert_model

        for layer in chosen:
            convert_model(layer)
            apply_fp8_autowrap(layer, TERecipeKwargs(fp8_format="HYBRID"))
