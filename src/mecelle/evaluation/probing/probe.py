"""A linear probe of frozen word vectors, with the baselines without which its accuracy says little."""

import warnings
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mecelle.base.config import Config
from mecelle.base.seeds import derive, generator
from mecelle.evaluation.statistics.bootstrap import Interval, cluster_interval


class ProbeConfig(Config):
    """How frozen vectors are probed."""

    train_words: int = Field(default=3_000, ge=2)
    """Words that a probe learns from, at most."""
    test_words: int = Field(default=1_000, ge=2)
    """Words that it is scored on, at most."""
    layer: float = Field(default=1.0, ge=0.0, le=1.0)
    """Depth of the layer whose vectors are probed: 0 are the embeddings of the tokens, 1 is the last layer."""
    regularisation: float = Field(default=0.1, gt=0.0)
    """C of the logistic regression on standardised components: smaller is stricter."""
    iterations: int = Field(default=300, ge=1)
    """Steps of the solver at most; a probe that is not at its optimum by then says so."""
    resamples: int = Field(default=2_000, ge=100)
    """Of the intervals, over sentences."""


@dataclass(frozen=True)
class Side:
    """Words that a probe learns from, or is scored on."""

    vectors: NDArray[np.float32]
    """Shape (words, components)."""
    labels: tuple[str, ...]
    forms: tuple[str, ...]
    sentences: tuple[int, ...]
    """Of each word: words of one sentence are drawn together in an interval."""


class ProbeScore(BaseModel):
    """What one probe found. Rates are 0..1."""

    model_config = ConfigDict(frozen=True)

    train_words: int
    test_words: int
    labels: int
    accuracy: Interval
    majority: float
    """Accuracy of always saying the most frequent label of the training words."""
    control: Interval
    """Accuracy of the same probe on the control task."""
    selectivity: Interval
    """Accuracy minus that on the control task, paired by word."""
    converged: bool


def probe(train: Side, test: Side, config: ProbeConfig, *, seed: int) -> ProbeScore:
    """Logistic regression on frozen vectors.

    The control task gives every word form a label of its own, drawn from the labels of the training words: it can be
    learnt by heart only, so a probe that does well on it would do well without the vectors knowing anything.
    Source: Hewitt and Liang 2019, "Designing and Interpreting Probes with Control Tasks", §2 and §3.1.
    """
    right, converged = _hits(train.vectors, train.labels, test.vectors, test.labels, config)
    by_heart = [_control_labels(side.forms, train.labels, seed=seed) for side in (train, test)]
    wrong, also = _hits(train.vectors, by_heart[0], test.vectors, by_heart[1], config)
    most = Counter(train.labels).most_common(1)[0][0]

    def spread(values: NDArray[np.float64]) -> Interval:
        return cluster_interval(values, test.sentences, seed=derive(seed, "interval"), resamples=config.resamples)

    return ProbeScore(
        train_words=len(train.labels),
        test_words=len(test.labels),
        labels=len(set(train.labels)),
        accuracy=spread(right),
        majority=test.labels.count(most) / len(test.labels),
        control=spread(wrong),
        selectivity=spread(right - wrong),
        converged=converged and also,
    )


def _hits(
    vectors: NDArray[np.float32],
    labels: tuple[str, ...],
    asked: NDArray[np.float32],
    wanted: tuple[str, ...],
    config: ProbeConfig,
) -> tuple[NDArray[np.float64], bool]:
    """1 where the probe is right, 0 where not; and whether the solver came to its end."""
    if len(set(labels)) == 1:  # nothing to tell apart
        return np.array([label == labels[0] for label in wanted], np.float64), True
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=config.regularisation, max_iter=config.iterations, tol=1e-3)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(vectors, np.asarray(labels))
    right: NDArray[np.float64] = (model.predict(asked) == np.asarray(wanted)).astype(np.float64)
    return right, bool(model[-1].n_iter_.max() < config.iterations)


def _control_labels(forms: tuple[str, ...], labels: tuple[str, ...], *, seed: int) -> tuple[str, ...]:
    """The label that each form has in the control task, whichever side it stands on."""
    drawn = {form: int(generator(seed, "control", form).integers(len(labels))) for form in dict.fromkeys(forms)}
    return tuple(labels[drawn[form]] for form in forms)
