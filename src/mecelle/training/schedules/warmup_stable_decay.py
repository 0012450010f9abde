"""Linear warm-up, a plateau, then a fall to zero."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES


@SCHEDULES.register("warmup_stable_decay.v1")
def warmup_stable_decay(optimizer: Any, *, steps: int, warmup_share: float, decay_share: float) -> Any:
    """Rise over `warmup_share` of the steps, stay at the peak, fall as 1 - sqrt over the last `decay_share`.

    steps: optimizer steps in all; shares: 0..1, their sum at most 1. The schedule that Mecellem names (§3.3.4), with
    the fall of Hägele et al., arXiv 2405.18392.
    """
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=max(1, round(steps * warmup_share)) if warmup_share else 0,
        num_decay_steps=round(steps * decay_share),
        num_training_steps=steps,
        decay_type="1-sqrt",
    )
