"""Stage 1: one linear head for each objective on the state of the answer. Source: ArmoRM; Mecellem App. B."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mecelle.base.errors import InputError
from mecelle.base.seeds import generator
from mecelle.reward.config import RegressionConfig
from mecelle.reward.objectives import OBJECTIVES

Floats = NDArray[np.float64]
LEFT_OUT_SHARE = 0.2
"""Share of the questions by which the penalty is chosen."""
LEAST_LABELS = 10
"""Labels that a head needs."""
FOLDS = 5
"""Parts of the questions, of which each is judged by heads that were fitted to the others."""
PLAIN_SPREAD = 10.0
"""Of standardised plain features, where components of a state have 1: a hundredth of the penalty."""


@dataclass(frozen=True)
class Heads:
    """Weights of all heads, for standardised states."""

    mean: Floats
    """(D,), as the scale."""
    scale: Floats
    weight: Floats
    """(D, 5)."""
    bias: Floats
    bounded: bool

    def rewards(self, states_ND: NDArray[np.floating]) -> Floats:
        """Rewards (N, 5), in 0..1 if bounded."""
        logits_NO = (states_ND.astype(np.float64) - self.mean) / self.scale @ self.weight + self.bias
        return 1.0 / (1.0 + np.exp(-logits_NO)) if self.bounded else logits_NO


def fit_heads(
    states_ND: NDArray[np.floating],
    labels_NO: Floats,
    groups: Sequence[str],
    config: RegressionConfig,
    *,
    seed: int,
    plain: int = 0,
) -> tuple[Heads, dict[str, float]]:
    """Fit the heads to the labels, NaN where there is none; and the penalty that each objective took.

    plain: how many of the last columns are features of their own, few beside the components of a state.
    groups: the question of each row; no question is on both sides when penalties are compared. An objective with fewer
    than ten labels, or with labels of one question alone, has a head that always says their mean (.5 without any).
    Raises InputError if there is no label at all.
    """
    if np.isnan(labels_NO).all():
        raise InputError("no example has a label; examples need a number in 0..1 for one objective at least")
    states = states_ND.astype(np.float64)
    fitted_ND = _within(states, groups) if config.within_questions else states
    mean_D, scale_D = states.mean(axis=0), fitted_ND.std(axis=0)
    scale_D = np.where(scale_D > 1e-6, scale_D, 1.0)
    scale_D[len(scale_D) - plain :] /= PLAIN_SPREAD
    x_ND = (fitted_ND - fitted_ND.mean(axis=0)) / scale_D
    group_N = np.array(groups)
    drawn_N = _left_out(group_N, group_N, seed=seed)
    weight_DO, bias_O = np.zeros((x_ND.shape[1], len(OBJECTIVES))), np.zeros(len(OBJECTIVES))
    chosen: dict[str, float] = {}
    for column, name in enumerate(OBJECTIVES):
        y_N, known_N = labels_NO[:, column], ~np.isnan(labels_NO[:, column])
        left_out = drawn_N
        if drawn_N[known_N].all() or not drawn_N[known_N].any():  # few questions have a label: some of these are drawn
            left_out = _left_out(group_N, group_N[known_N], seed=seed)
        fitting, testing = known_N & ~left_out, known_N & left_out
        if known_N.sum() < LEAST_LABELS or not fitting.any():
            bias_O[column] = _constant(y_N[known_N], bounded=config.bounded)
            continue
        errors = {}
        for ridge in config.ridges:
            weight_D, bias = _fit(x_ND[fitting], y_N[fitting], ridge, bounded=config.bounded)
            found = _link(x_ND[testing] @ weight_D + bias, bounded=config.bounded)
            errors[ridge] = float(((found - y_N[testing]) ** 2).mean())
        chosen[name] = min(errors, key=lambda ridge: (errors[ridge], ridge))
        weight_DO[:, column], bias_O[column] = _fit(x_ND[known_N], y_N[known_N], chosen[name], bounded=config.bounded)
    return Heads(mean_D, scale_D, weight_DO, bias_O, config.bounded), chosen


def rewards_left_out(
    states_ND: NDArray[np.floating],
    labels_NO: Floats,
    groups: Sequence[str],
    config: RegressionConfig,
    *,
    seed: int,
    plain: int = 0,
) -> Floats:
    """Rewards (N, 5) of each row by heads that were not fitted to its question: what rewards of new answers are like.

    Arguments as in `fit_heads`; NaN for fewer questions than folds, and where the others have no label at all.
    """
    names = np.array(sorted(set(groups)))
    found_NO = np.full(labels_NO.shape, np.nan)
    if len(names) < FOLDS:
        return found_NO
    for drawn in np.array_split(generator(seed, "folds").permutation(len(names)), FOLDS):
        mine_N = np.isin(np.array(groups), names[drawn])
        if np.isnan(labels_NO[~mine_N]).all():
            continue
        others = [group for group, mine in zip(groups, mine_N, strict=True) if not mine]
        heads, _ = fit_heads(states_ND[~mine_N], labels_NO[~mine_N], others, config, seed=seed, plain=plain)
        found_NO[mine_N] = heads.rewards(states_ND[mine_N])
    return found_NO


def _left_out(group_N: NDArray[np.str_], among: NDArray[np.str_], *, seed: int) -> NDArray[np.bool_]:
    """Which rows are of the questions, drawn from `among`, that penalties are compared by."""
    names = np.unique(among)
    drawn = generator(seed, "left_out").permutation(len(names))[: max(1, round(LEFT_OUT_SHARE * len(names)))]
    return np.isin(group_N, names[drawn])


def _within(states_ND: Floats, groups: Sequence[str]) -> Floats:
    """The states without the mean of their group."""
    _, group_N = np.unique(np.array(groups), return_inverse=True)
    sums_GD = np.zeros((group_N.max() + 1, states_ND.shape[1]))
    np.add.at(sums_GD, group_N, states_ND)
    return np.asarray(states_ND - (sums_GD / np.bincount(group_N)[:, None])[group_N])


def _fit(x_ND: Floats, y_N: Floats, ridge: float, *, bounded: bool) -> tuple[Floats, float]:
    """Least mean loss plus ridge * |w|^2 / 2: squared error, or through a sigmoid cross-entropy, whose expected minimum
    is the mean label as well, and which is convex."""
    if not bounded:
        centred, middle = x_ND - x_ND.mean(axis=0), float(y_N.mean())
        gram = centred.T @ centred / len(y_N) + ridge * np.eye(x_ND.shape[1])
        weight_D = np.linalg.solve(gram, centred.T @ (y_N - middle) / len(y_N))
        return weight_D, middle - float(x_ND.mean(axis=0) @ weight_D)
    x, y = torch.from_numpy(x_ND), torch.from_numpy(y_N)
    weight = torch.zeros(x_ND.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor(_constant(y_N, bounded=True), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(x @ weight + bias, y)
        value = value + ridge * weight.square().sum() / 2
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach().numpy(), float(bias.detach())


def _link(logits: Floats, *, bounded: bool) -> Floats:
    return 1.0 / (1.0 + np.exp(-logits)) if bounded else logits


def _constant(y_N: Floats, *, bounded: bool) -> float:
    middle = float(y_N.mean()) if len(y_N) else 0.5
    if not bounded:
        return middle
    middle = min(max(middle, 1e-3), 1 - 1e-3)
    return float(np.log(middle / (1 - middle)))
