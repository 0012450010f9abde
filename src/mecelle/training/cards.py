"""Graphics cards that trainings are estimated for: nothing here has run on one."""

from dataclasses import dataclass

UTILISATION = 0.25
"""Share of a card's peak that the training of an encoder reaches, 0..1: an assumption.

HukukBERT's own figures (§3.6, appendix: 19 hours, 32,000 steps of 960 rows of 512, one H200) give 0.14 at the most."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A graphics card."""

    name: str
    flops: float
    """Peak in bf16, dense, operations/s, as the maker says."""
    gib: float
    """Memory."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Several cards that train one model."""

    card: Card
    cards: int

    def tokens_per_second(self, flops_per_token: float, *, utilisation: float = UTILISATION) -> float:
        """Tokens/s of all cards; flops_per_token: forward and backward; utilisation: share of their peak, 0..1."""
        return self.cards * self.card.flops * utilisation / flops_per_token


A100 = Card(name="A100 80 GB", flops=312e12, gib=80)
H100_64 = Card(name="H100 64 GB", flops=989e12, gib=64)
"""MareNostrum 5 ACC (Mecellem §3.1), four to a node; peak of the SXM card with 80 GB."""
H200 = Card(name="H200", flops=989e12, gib=141)
"""HukukBERT §3.6."""
