"""How often the words of each category count: HukukBERT's balance (§3.2) without writing a balanced corpus."""

from collections.abc import Mapping

from mecelle.base.errors import ConfigError
from mecelle.corpus.mixing.targets import Balance, resolve
from mecelle.corpus.statistics.categories import closest


def category_factors(
    sizes: Mapping[str, int], weights: Mapping[str, float], balance: Balance | None = None
) -> dict[str, float]:
    """Category -> what its counts are multiplied with, 0 or more.

    sizes: of the categories that were found, in the unit of `balance`. weights: factors by category or its first words,
    the longest counts, all others are 1; they come on top of the balance, whose factors `most_copies` bounds.
    Raises ConfigError for a weight that is negative or fits no category, and if every factor is 0.
    """
    for name, weight in weights.items():
        if weight < 0:
            raise ConfigError(f"weights: {name}: found {weight}; allowed is 0 (left out) or more")
        if not any(closest([name], category) for category in sizes):
            raise ConfigError(f"weights: no category '{name}' in this corpus; found: {', '.join(sorted(sizes))}")
    factors = dict.fromkeys(sorted(sizes), 1.0)
    if balance:
        for members, target in resolve(balance, sizes).values():
            present = sum(sizes[name] for name in members)
            factors.update(dict.fromkeys(members, min(target / present, balance.most_copies) if present else 0.0))
    for name in factors:
        if selector := closest(weights, name):
            factors[name] *= weights[selector]
    if factors and not any(factors.values()):
        raise ConfigError("weights and balance leave out every category of this corpus; give one a factor above 0")
    return factors
