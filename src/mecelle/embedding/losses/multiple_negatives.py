"""Multiple negatives ranking: InfoNCE from query to document and, if wanted, back."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, loss
from mecelle.embedding.losses.info_nce import info_nce


@loss("multiple_negatives.v1")
def multiple_negatives(
    q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, symmetric: bool = False, rows: slice = ALL
) -> Tensor:
    """Mean nats per query; if symmetric, the mean of that and of finding the query by its document.

    temperature: > 0. Source: Henderson et al. 2017 (arXiv 1705.00652), §4.4; TurkEmbed4Retrieval's loss.
    """
    there = info_nce(q_BD, d_ND, target_B, temperature=temperature, rows=rows)
    if not symmetric:
        return there
    scores_RB = d_ND[target_B[rows]].float() @ q_BD.float().T / temperature
    back = F.cross_entropy(scores_RB, torch.arange(len(q_BD), device=q_BD.device)[rows])
    return (there + back) / 2
