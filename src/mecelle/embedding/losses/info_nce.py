"""InfoNCE: every other document of the batch is a negative."""

import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import GuideView, loss


@loss("info_nce.v1", guided=False)
def info_nce(
    q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, guide: GuideView | None = None
) -> Tensor:
    """Mean nats per query, in float32 whatever the precision of the embeddings.

    q_BD: unit rows. d_ND: unit rows, N >= B. target_B[i]: row of d_ND that answers query i. temperature: > 0.
    guide: not looked at. Source: Mecellem §3.3.5, eq. 4.
    """
    return F.cross_entropy(q_BD.float() @ d_ND.float().T / temperature, target_B)
