"""A linear-chain conditional random field whose transitions obey the order of the law.

Source: Lafferty et al. 2001; the costs of `mecelle.segmentation.order` are added to what is learnt.
Letters: B documents, T units, L labels.
"""

import torch
from torch import Tensor, nn

from mecelle.segmentation.order import order
from mecelle.segmentation.viterbi import Floats, best_path


class OrderedCrf(nn.Module):
    """Scores whole sequences of labels."""

    start_cost: Tensor
    between_cost: Tensor

    def __init__(self, labels: int, *, ordered: bool = True) -> None:
        """ordered: whether transitions that the law forbids are ruled out."""
        super().__init__()
        self.start_L = nn.Parameter(torch.zeros(labels))
        self.end_L = nn.Parameter(torch.zeros(labels))
        self.transitions_LL = nn.Parameter(torch.zeros(labels, labels))
        costs = (order().start(), order().transitions())
        start, between = (torch.from_numpy(cost) if ordered else torch.zeros(cost.shape) for cost in costs)
        self.register_buffer("start_cost", start)
        self.register_buffer("between_cost", between)

    def loss(self, emissions_BTL: Tensor, labels_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """Negative log-likelihood in nats per unit. mask_BT: True where there is a unit; the first always is."""
        nats = self.partition(emissions_BTL, mask_BT) - self._score(emissions_BTL, labels_BT, mask_BT)
        return nats.sum() / mask_BT.sum()

    def partition(self, emissions_BTL: Tensor, mask_BT: Tensor) -> Tensor:
        """Log of the summed weight of all label sequences, shape (B,)."""
        between = self.transitions_LL + self.between_cost
        alpha = self.start_L + self.start_cost + emissions_BTL[:, 0]
        for at in range(1, emissions_BTL.shape[1]):
            following = torch.logsumexp(alpha[:, :, None] + between, dim=1) + emissions_BTL[:, at]
            alpha = torch.where(mask_BT[:, at, None], following, alpha)
        return torch.logsumexp(alpha + self.end_L, dim=1)

    def best(self, emissions_TL: Tensor) -> list[int]:
        """The most likely labels of one document."""
        return best_path(*self.potentials(emissions_TL))

    def potentials(self, emissions_TL: Tensor) -> tuple[Floats, Floats, Floats, Floats]:
        """What `best_path` takes: scores of the labels of each unit, at the start, between two, at the end."""
        parts = (emissions_TL, self.start_L + self.start_cost, self.transitions_LL + self.between_cost, self.end_L)
        scores, start, between, end = (part.detach().cpu().numpy() for part in parts)
        return scores, start, between, end

    def marginals(self, emissions_TL: Tensor) -> Tensor:
        """Probability of each label of each unit of one document, shape (T, L): the slope of the partition."""
        with torch.enable_grad():
            leaf = emissions_TL.detach()[None].requires_grad_()
            mask = torch.ones(leaf.shape[:2], dtype=torch.bool, device=leaf.device)
            (slope,) = torch.autograd.grad(self.partition(leaf, mask).sum(), leaf)
        return slope[0]

    def _score(self, emissions_BTL: Tensor, labels_BT: Tensor, mask_BT: Tensor) -> Tensor:
        between = self.transitions_LL + self.between_cost
        emitted = emissions_BTL.gather(2, labels_BT[..., None])[..., 0] * mask_BT
        moved = between[labels_BT[:, :-1], labels_BT[:, 1:]] * mask_BT[:, 1:]
        first = (self.start_L + self.start_cost)[labels_BT[:, 0]]
        last = labels_BT.gather(1, mask_BT.sum(dim=1, keepdim=True) - 1)[:, 0]
        return first + emitted.sum(dim=1) + moved.sum(dim=1) + self.end_L[last]
