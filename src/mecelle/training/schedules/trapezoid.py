"""Linear warm-up, a plateau, then a straight fall."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES, warmup_steps


@SCHEDULES.register("trapezoid.v1")
def trapezoid(optimizer: Any, *, steps: int, warmup_share: float, decay_share: float, floor: float = 0.0) -> Any:
    """Rise over `warmup_share` of the steps, stay at the peak, fall in a straight line over the last `decay_share`.

    steps, shares and floor as in `warmup_stable_decay`. What Composer's and ModernBERT's `warmup_stable_decay` does,
    and so the letter of Mecellem §3.3.4.
    """
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=warmup_steps(steps, warmup_share),
        num_decay_steps=round(steps * decay_share),
        num_training_steps=steps,
        decay_type="linear",
        min_lr_ratio=floor,
    )
