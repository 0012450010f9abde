"""Linear warm-up, a plateau, then a fall as 1 - sqrt."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES, warmup_steps


@SCHEDULES.register("warmup_stable_decay.v1")
def warmup_stable_decay(
    optimizer: Any, *, steps: int, warmup_share: float, decay_share: float, floor: float = 0.0
) -> Any:
    """Rise over `warmup_share` of the steps, stay at the peak, fall as 1 - sqrt over the last `decay_share`.

    steps: optimizer steps in all; shares: 0..1, their sum at most 1; floor: where the rise begins and the fall would
    end a step after the last, as a share of the peak. The fall is that of Hägele et al., arXiv 2405.18392, which
    ModernBERT took for its last phase; what Mecellem calls by this name (§3.3.4) is `trapezoid.v1`.
    """
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=warmup_steps(steps, warmup_share),
        num_decay_steps=round(steps * decay_share),
        num_training_steps=steps,
        decay_type="1-sqrt",
        min_lr_ratio=floor,
    )
