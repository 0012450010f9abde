"""Linear warm-up, then a straight line to zero: the habit of fine-tuning."""

from typing import Any

from transformers import get_linear_schedule_with_warmup

from mecelle.training.schedules import SCHEDULES


@SCHEDULES.register("warmup_linear.v1")
def warmup_linear(optimizer: Any, *, steps: int, warmup_share: float, decay_share: float = 1.0) -> Any:
    """Rise over `warmup_share` (0..1) of `steps`, then fall to zero at the last; `decay_share` is always the rest."""
    return get_linear_schedule_with_warmup(
        optimizer, num_warmup_steps=round(steps * warmup_share), num_training_steps=steps
    )
