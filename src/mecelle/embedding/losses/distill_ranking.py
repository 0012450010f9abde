"""Distillation by order: among the documents of the batch, the model shall prefer what the guide prefers."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, GuideView, loss


@loss("distill_ranking.v1")
def distill_ranking(
    q_BD: Tensor,
    d_ND: Tensor,
    target_B: Tensor,
    *,
    temperature: float,
    guide: GuideView,
    guide_temperature: float = 0.05,
    rows: slice = ALL,
) -> Tensor:
    """Mean nats per query: divergence (KL) of the model's from the guide's distribution over the documents.

    temperature, guide_temperature: > 0, of the two softmaxes over cosines. Which document answers is not looked at.
    Source: Lin et al. 2020 (arXiv 2010.11386), eq. 5; without the factor temperature^2 that some put before it.
    """
    ours_RN = F.log_softmax(q_BD[rows].float() @ d_ND.float().T / temperature, dim=1)
    theirs_RN = torch.log_softmax(guide.queries[rows] @ guide.documents.T / guide_temperature, dim=1)
    return F.kl_div(ours_RN, theirs_RN, reduction="batchmean", log_target=True)
