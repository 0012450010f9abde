"""Linear warm-up, a plateau, then a straight fall."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES, warmup_steps


@SCHEDULES.register("trapezoid.v1")
def trapezoid(optimizer: Any, *, steps: int, warmup_share: float, decay_share: float, floor: float = 0.0) -> Any:
    """Rise over `warmup_share` of the steps, stay at the peak, fall in a straight line over the last `decay_share`.

    steps, shares and floor as in `warmup_stable_decay`. Mecellem names a `warmup_stable_decay` and Composer (§3.3.4):
    in ModernBERT's training code, which is for Composer, a schedule of that name falls in a straight line, to a tenth
    of the peak unless told otherwise. Mecellem gives no length of rise and fall, and no floor.
    """
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=warmup_steps(steps, warmup_share),
        num_decay_steps=round(steps * decay_share),
        num_training_steps=steps,
        decay_type="linear",
        min_lr_ratio=floor,
    )
