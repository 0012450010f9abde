"""InfoNCE: every other document of the batch is a negative."""

import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, loss


@loss("info_nce.v1")
def info_nce(q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, rows: slice = ALL) -> Tensor:
    """Mean nats per query. temperature: > 0. Source: Mecellem §3.3.5, eq. 4."""
    return F.cross_entropy(q_BD[rows].float() @ d_ND.float().T / temperature, target_B[rows])
