"""What a query is told apart from: documents, the other queries, and the other queries' documents."""

import torch
from torch import Tensor

from mecelle.embedding.losses import ALL


def similarities(q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, rows: slice = ALL) -> Tensor:
    """Cosines of the candidates of the queries `rows`, shape (R, N + 2B), float32.

    Candidates are the N documents, then the B queries, then the B answering documents; the last are compared with the
    query's own document, not with the query. Source: GISTEmbed (arXiv 2402.16829), eq. 2-4.
    """
    q_BD, d_ND = q_BD.float(), d_ND.float()
    own_BD = d_ND[target_B]
    return torch.cat([q_BD[rows] @ d_ND.T, q_BD[rows] @ q_BD.T, own_BD[rows] @ own_BD.T], dim=1)


def own(cosines_RK: Tensor, target_R: Tensor) -> Tensor:
    """Cosine of each query with its own document, shape (R, 1)."""
    return cosines_RK.gather(1, target_R.unsqueeze(1))
