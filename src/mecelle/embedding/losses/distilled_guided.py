"""Guided InfoNCE and distillation by order, from the same guide: it says what is no negative, and what is how close."""

from torch import Tensor

from mecelle.embedding.losses import ALL, GuideView, loss
from mecelle.embedding.losses.distill_ranking import distill_ranking
from mecelle.embedding.losses.guided import guided_info_nce


@loss("distilled_guided.v1")
def distilled_guided(
    q_BD: Tensor,
    d_ND: Tensor,
    target_B: Tensor,
    *,
    temperature: float,
    guide: GuideView,
    margin: float = 0.0,
    guide_temperature: float = 0.05,
    guided_weight: float = 1.0,
    distillation_weight: float = 1.0,
    rows: slice = ALL,
) -> Tensor:
    """Nats per query: weighted sum of `guided_info_nce` and `distill_ranking`, with their parameters."""
    guided = guided_info_nce(q_BD, d_ND, target_B, temperature=temperature, guide=guide, margin=margin, rows=rows)
    distilled = distill_ranking(
        q_BD, d_ND, target_B, temperature=temperature, guide=guide, guide_temperature=guide_temperature, rows=rows
    )
    return guided_weight * guided + distillation_weight * distilled
