"""Stage 1 with a backbone that is trained along with the heads. Source: Mecellem App. B; ArmoRM leaves it frozen.

These heads are only there to train the backbone; `heads.fit_heads` fits the final ones on its new states.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mecelle.base.errors import TrainingError
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive, generator
from mecelle.reward.backbone import Backbone
from mecelle.reward.config import RegressionConfig
from mecelle.reward.conversation import Conversation, Tokens
from mecelle.reward.objectives import OBJECTIVES
from mecelle.training.checkpoints import open_work
from mecelle.training.interrupt import Stop
from mecelle.training.resumable import ResumableSteps

CHECKPOINT_MINUTES = 5.0
"""Least time between two checkpoints; no part of the result."""


def tune(
    backbone: Backbone,
    conversations: Sequence[Conversation],
    labels_NO: NDArray[np.float64],
    config: RegressionConfig,
    *,
    seed: int,
    work: Path,
) -> list[float]:
    """Train the backbone in place for `config.backbone_steps`; the loss of each step.

    work: folder of this very run; a killed run goes on from its last checkpoint, with the same result.
    Raises TrainingError if the loss is NaN, Interrupted after Ctrl-C or SIGTERM, with the last step saved.
    """
    model, steps = backbone.model, config.backbone_steps
    tokens = backbone.tokens(conversations)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "tuning"))
        head = nn.Linear(backbone.dimension, len(OBJECTIVES)).to(backbone.device)
    optimizer = torch.optim.AdamW([*model.parameters(), *head.parameters()], lr=config.backbone_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / steps))
    parts = {"model": model, "head": head, "optimizer": optimizer, "schedule": schedule}
    losses: list[float] = []
    with open_work(work, doing="training the backbone of a reward model") as checkpoints:
        left = ResumableSteps(checkpoints, parts, steps=steps, minutes=CHECKPOINT_MINUTES, lists={"losses": losses})
        with Progress("backbone", total=steps, unit="steps") as progress, Stop() as stop:
            progress.advance(left.done)
            for step in left.to_do(stop):
                # Drawn for each step by itself, so that a run that goes on sees what it would have seen.
                size = min(config.backbone_batch, len(tokens))
                rows = generator(seed, "tuning", step).choice(len(tokens), size=size, replace=False)
                batch = [tokens[row] for row in rows.tolist()]
                losses.append(_step(backbone, head, batch, labels_NO[rows], optimizer, bounded=config.bounded))
                schedule.step()
                progress.advance(loss=losses[-1])
    return losses


def _step(
    backbone: Backbone, head: nn.Linear, batch: Sequence[Tokens], labels_BO: NDArray[np.float64],
    optimizer: torch.optim.Optimizer, *, bounded: bool,
) -> float:  # fmt: skip
    labels = torch.tensor(labels_BO, dtype=torch.float32, device=backbone.device)
    known = ~labels.isnan()
    optimizer.zero_grad()
    with backbone.autocast():
        states_B2D = backbone.forward(batch)
    logits = head(states_B2D[:, 1].float())[known]
    wanted = labels[known]
    if not len(wanted):
        return 0.0
    function = nn.functional.binary_cross_entropy_with_logits if bounded else nn.functional.mse_loss
    loss = function(logits, wanted)
    if not torch.isfinite(loss):
        raise TrainingError(f"the loss is {float(loss)}; lower regression.backbone_rate, or train in fp32")
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_([one for group in optimizer.param_groups for one in group["params"]], 1.0)
    optimizer.step()
    return float(loss.detach())
