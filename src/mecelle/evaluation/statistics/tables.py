"""Many comparisons at once: the more are made, the more come out "significant" by chance."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from string import ascii_letters

import numpy as np
from numpy.typing import ArrayLike

from mecelle.evaluation.statistics.bootstrap import RESAMPLES, sums_by_cluster
from mecelle.evaluation.statistics.paired import Comparison, compare, paired_differences, sign_flip_ps

Pair = tuple[str, str]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979), in the order given."""
    corrected = [0.0] * len(p_values)
    running = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = running
    return corrected


def compare_many(
    systems: Mapping[str, ArrayLike], baselines: Sequence[str], *, seed: int, resamples: int = RESAMPLES
) -> dict[str, dict[str, Comparison]]:
    """Every system against every baseline: baseline -> system -> Comparison.

    p values are Holm-corrected over all different pairs: two baselines against each other are one comparison, told from
    both sides.
    """
    table: dict[Pair, Comparison] = {}
    for baseline in baselines:
        for name, values in systems.items():
            if name != baseline and (name, baseline) not in table:
                table[baseline, name] = compare(values, systems[baseline], seed=seed, resamples=resamples)
    corrected = holm([comparison.p for comparison in table.values()])
    result: dict[str, dict[str, Comparison]] = {baseline: {} for baseline in baselines}
    for (baseline, name), p in zip(table, corrected, strict=True):
        found = table[baseline, name].model_copy(update={"p_holm": p})
        result[baseline][name] = found
        if name in result:
            result[name][baseline] = found.model_copy(
                update={"difference": -found.difference, "low": -found.high, "high": -found.low}
            )
    return result


def pairwise_p(
    systems: Mapping[str, ArrayLike],
    *,
    seed: int,
    clusters: Sequence[Hashable] | None = None,
    resamples: int = RESAMPLES,
) -> dict[Pair, float]:
    """Holm-corrected p of every pair of systems, in the order given. Empty for fewer than two systems."""
    pairs = list(combinations(systems, 2))
    if not pairs:
        return {}
    columns = [paired_differences(systems[a], systems[b]) for a, b in pairs]
    if clusters:
        columns = [sums_by_cluster(column, clusters)[0] for column in columns]
    found = sign_flip_ps(np.stack(columns, axis=1), seed=seed, resamples=resamples)
    return dict(zip(pairs, holm(found), strict=True))


def rank_groups(ranking: Sequence[str], p_values: Mapping[Pair, float], *, alpha: float = 0.05) -> dict[str, str]:
    """Letters of each system: two that share a letter cannot be told apart, two that share none can.

    ranking: best first, so that "a" holds the best. p_values: of every pair, in either order, already corrected.
    Method: insert and absorb (Piepho 2004): start from one group of all; each pair that differs splits every group that
    holds both; a group within another goes.
    """
    groups: list[frozenset[str]] = [frozenset(ranking)]
    for a, b in combinations(ranking, 2):
        p = p_values[a, b] if (a, b) in p_values else p_values[b, a]
        if p < alpha:
            split = [group - {out} for group in groups if {a, b} <= group for out in (a, b)]
            kept = [group for group in groups if not {a, b} <= group]
            groups = _maximal([*kept, *split])
    place = {name: number for number, name in enumerate(ranking)}
    groups.sort(key=lambda group: sorted(place[name] for name in group))
    return {name: "".join(_letter(number) for number, group in enumerate(groups) if name in group) for name in ranking}


def _maximal(groups: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    different = list(dict.fromkeys(groups))
    return [group for group in different if not any(group < other for other in different)]


def _letter(number: int) -> str:
    """a to z, A to Z, then Greek: one sign each, so that groups are told by their letters."""
    return ascii_letters[number] if number < len(ascii_letters) else chr(ord("α") + number - len(ascii_letters))
