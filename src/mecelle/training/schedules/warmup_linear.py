"""Linear warm-up, then a straight line down: the habit of fine-tuning."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES, warmup_steps


@SCHEDULES.register("warmup_linear.v1")
def warmup_linear(
    optimizer: Any, *, steps: int, warmup_share: float, decay_share: float = 1.0, floor: float = 0.0
) -> Any:
    """Rise over `warmup_share` (0..1) of `steps`, then fall to `floor` at the end; `decay_share` is always the rest.

    HukukBERT §3.6.
    """
    warmup = warmup_steps(steps, warmup_share)
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=warmup,
        num_stable_steps=0,
        num_decay_steps=steps - warmup,
        decay_type="linear",
        min_lr_ratio=floor,
    )
