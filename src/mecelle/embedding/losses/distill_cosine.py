"""Distillation by value: the model's cosines shall be the guide's."""

import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, GuideView, loss


@loss("distill_cosine.v1")
def distill_cosine(q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, guide: GuideView, rows: slice = ALL) -> Tensor:
    """Mean squared difference of the cosines of each query with every document of the batch, 0..4.

    Cosines, not vectors, so that model and guide may differ in width. Which document answers is not looked at.
    Source: regression of similarities, Reimers and Gurevych 2019 (arXiv 1908.10084), §3, with the guide for a label.
    """
    return F.mse_loss(q_BD[rows].float() @ d_ND.float().T, guide.queries[rows] @ guide.documents.T)
