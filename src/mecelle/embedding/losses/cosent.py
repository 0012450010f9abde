"""CoSENT: of two pairs, the one with the higher grade shall have the higher cosine."""

import torch
from torch import Tensor

from mecelle.embedding.losses import loss


@loss("cosent.v1")
def cosent(q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, grades_B: Tensor) -> Tensor:
    """log(1 + sum of exp((cosine of j - cosine of i) / temperature) over i, j with a higher grade of i); 0 if none has.

    temperature: > 0. grades_B: any scale, only their order counts. The sum runs over all couples of the batch, so it
    has no parts by `rows`. Source: Huang et al. 2024 (DOI 10.1109/TASLP.2024.3402087).
    """
    scores_B = (q_BD.float() * d_ND[target_B].float()).sum(dim=1) / temperature
    excess_BB = scores_B.unsqueeze(0) - scores_B.unsqueeze(1)
    counted_BB = grades_B.unsqueeze(1) > grades_B.unsqueeze(0)
    return torch.logsumexp(torch.cat([scores_B.new_zeros(1), excess_BB[counted_BB]]), dim=0)
