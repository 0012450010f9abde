"""Guided InfoNCE (GISTEmbed): what a guide finds as close as the query's own document is no negative."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import GuideView, loss


def similarities(q_BD: Tensor, d_ND: Tensor, target_B: Tensor) -> Tensor:
    """Cosines of the candidates of each query, shape (B, N + 2B), float32.

    Candidates are the N documents, then the B queries, then the B answering documents; the last are compared with the
    query's own document, not with the query. Source: GISTEmbed (arXiv 2402.16829), eq. 2-4.
    """
    q_BD, d_ND = q_BD.float(), d_ND.float()
    own_BD = d_ND[target_B]
    return torch.cat([q_BD @ d_ND.T, q_BD @ q_BD.T, own_BD @ own_BD.T], dim=1)


def false_negatives(guide: GuideView, target_B: Tensor) -> Tensor:
    """Which candidates leave the sum, shape (B, N + 2B), bool: never the query's own document, always itself.

    A candidate stays while `sim(candidate) < sim(own document) - margin`. Source: Mecellem §3.3.5, eq. 5.
    """
    cosines_BK = similarities(guide.queries, guide.documents, target_B)
    queries, documents = len(guide.queries), len(guide.documents)
    row_B = torch.arange(queries, device=target_B.device)
    own_B1 = cosines_BK[row_B, target_B].unsqueeze(1)
    hidden_BK = cosines_BK >= own_B1 - guide.margin
    hidden_BK[row_B, target_B] = False
    hidden_BK[row_B, documents + row_B] = True  # a query is no negative of itself, whatever rounding says
    hidden_BK[row_B, documents + queries + row_B] = True
    return hidden_BK


def false_negative_share(guide: GuideView, target_B: Tensor) -> float:
    """Share of the N - 1 other documents of each query that the guide takes out, 0..1."""
    documents = len(guide.documents)
    hidden = int(false_negatives(guide, target_B)[:, :documents].sum())
    return hidden / max(1, len(guide.queries) * (documents - 1))


@loss("guided_info_nce.v1", guided=True)
def guided_info_nce(
    q_BD: Tensor, d_ND: Tensor, target_B: Tensor, *, temperature: float, guide: GuideView | None = None
) -> Tensor:
    """Mean nats per query over query-document, query-query and document-document candidates, in float32.

    q_BD: unit rows. d_ND: unit rows, N >= B, positives and any hard negatives. target_B[i]: row of d_ND that answers
    query i. temperature: > 0. guide: its vectors of the same texts, and the margin. Hidden candidates get -inf before
    the softmax, so that they weigh nothing. Source: Mecellem §3.3.5, eq. 5; GISTEmbed (arXiv 2402.16829).
    """
    assert guide is not None, "guided_info_nce needs a guide"
    scores_BK = similarities(q_BD, d_ND, target_B) / temperature
    return F.cross_entropy(scores_BK.masked_fill(false_negatives(guide, target_B), -torch.inf), target_B)
