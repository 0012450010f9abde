"""InfoNCE as Qwen3 Embedding has it: more negatives, and the model itself says which of them are false."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, loss
from mecelle.embedding.losses.candidates import own, similarities


@loss("qwen3_info_nce.v1")
def qwen3_info_nce(
    q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, tolerance: float = 0.1, rows: slice = ALL
) -> Tensor:
    """Mean nats per query over query-document, query-query and document-document candidates.

    A negative weighs nothing if the model in training finds it closer than the query's own document by more than
    `tolerance` (cosine, 0..2), or if it is, or asks for, that same document. temperature: > 0.
    Source: Qwen3 Embedding (arXiv 2506.05176), §3, eq. 1. It compares "the corresponding score" of a candidate; here
    each is judged by the cosine that stands in the sum. It has the hard negatives of the query alone; here those of
    the whole batch, as the other losses do.
    """
    cosines_RK = similarities(q_BD, d_ND, target_B, rows=rows)
    target_R = target_B[rows]
    hidden_RK = cosines_RK.detach() > own(cosines_RK.detach(), target_R) + tolerance
    # A query's own document is not beyond itself, so what must be added are the other two ways to it.
    same_RB = target_R.unsqueeze(1) == target_B
    hidden_RK[:, len(d_ND) :] |= torch.cat([same_RB, same_RB], dim=1)
    return F.cross_entropy((cosines_RK / temperature).masked_fill(hidden_RK, -torch.inf), target_R)
