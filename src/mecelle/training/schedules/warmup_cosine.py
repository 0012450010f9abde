"""Linear warm-up, then half a cosine."""

from typing import Any

from transformers import get_wsd_schedule

from mecelle.training.schedules import SCHEDULES, warmup_steps


@SCHEDULES.register("warmup_cosine.v1")
def warmup_cosine(
    optimizer: Any, *, steps: int, warmup_share: float, decay_share: float = 1.0, floor: float = 0.0
) -> Any:
    """Rise over `warmup_share` (0..1) of `steps`, then fall to `floor` at the end; `decay_share` is always the rest.

    Mecellem's continual pre-training (§3.4.6) falls from 5e-5 to 5e-6: floor 0.1. arXiv 1608.03983 without restarts.
    """
    warmup = warmup_steps(steps, warmup_share)
    return get_wsd_schedule(
        optimizer,
        num_warmup_steps=warmup,
        num_stable_steps=0,
        num_decay_steps=steps - warmup,
        decay_type="cosine",
        min_lr_ratio=floor,
    )
