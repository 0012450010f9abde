"""Guided InfoNCE (GISTEmbed): what a guide finds as close as the query's own document is no negative."""

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name
from torch import Tensor

from mecelle.embedding.losses import ALL, GuideView, loss
from mecelle.embedding.losses.candidates import own, similarities


def false_negatives(guide: GuideView, target_B: Tensor, *, margin: float = 0.0, rows: slice = ALL) -> Tensor:
    """Which candidates leave the sum, shape (R, N + 2B), bool: never the query's own document, always itself.

    A candidate stays while `sim(candidate) < sim(own document) - margin`. Source: Mecellem §3.3.5, eq. 5.
    """
    cosines_RK = similarities(guide.queries, guide.documents, target_B, rows=rows)
    queries, documents = len(guide.queries), len(guide.documents)
    target_R = target_B[rows]
    hidden_RK = cosines_RK >= own(cosines_RK, target_R) - margin
    hidden_RK.scatter_(1, target_R.unsqueeze(1), False)
    # A query is no negative of itself, whatever rounding says.
    itself_R1 = torch.arange(queries, device=target_B.device)[rows].unsqueeze(1)
    return hidden_RK.scatter_(1, torch.cat([documents + itself_R1, documents + queries + itself_R1], dim=1), True)


def false_negative_share(guide: GuideView, target_B: Tensor, *, margin: float = 0.0) -> float:
    """Share of the N - 1 other documents of each query that the guide takes out, 0..1."""
    cosines_BN = guide.queries @ guide.documents.T
    hidden_BN = cosines_BN >= own(cosines_BN, target_B) - margin
    others = len(guide.documents) - 1
    return (int(hidden_BN.sum()) - int(own(hidden_BN, target_B).sum())) / max(1, len(guide.queries) * others)


@loss("guided_info_nce.v1")
def guided_info_nce(
    q_BD: Tensor,
    d_ND: Tensor,
    target_B: Tensor,
    *,
    temperature: float,
    guide: GuideView,
    margin: float = 0.0,
    rows: slice = ALL,
) -> Tensor:
    """Mean nats per query over query-document, query-query and document-document candidates.

    temperature: > 0. margin: how much less similar than its own document a negative must be to the query, by the
    guide; cosine, 0..2. Hidden candidates get -inf before the softmax, so that they weigh nothing.
    Source: Mecellem §3.3.5, eq. 5; GISTEmbed (arXiv 2402.16829).
    """
    scores_RK = similarities(q_BD, d_ND, target_B, rows=rows) / temperature
    hidden_RK = false_negatives(guide, target_B, margin=margin, rows=rows)
    return F.cross_entropy(scores_RK.masked_fill(hidden_RK, -torch.inf), target_B[rows])
