"""Probes find what is in the vectors, and their baselines say when that is worth nothing."""

import numpy as np
import pytest

from mecelle.evaluation.probing.probe import ProbeConfig, Side, probe

CONFIG = ProbeConfig(resamples=200)
LABELS = ("Nom", "Gen", "Abl")


def side(count: int, *, informed: bool, forms: int, seed: int) -> Side:
    """Words of `forms` forms whose vectors tell the form, and the label only if `informed`."""
    rng = np.random.default_rng(seed)
    form = rng.integers(forms, size=count)
    label = rng.integers(3, size=count)
    of_form = np.random.default_rng(99).normal(size=(forms, 16))
    of_label = np.random.default_rng(98).normal(size=(3, 16)) * 3
    vectors = of_form[form] + rng.normal(0, 0.1, (count, 16)) + (of_label[label] if informed else 0)
    return Side(
        vectors.astype(np.float32),
        tuple(LABELS[one] for one in label),
        tuple(f"form{one}" for one in form),
        tuple(number // 3 for number in range(count)),
    )


def test_vectors_that_know_the_label() -> None:
    found = probe(
        side(600, informed=True, forms=200, seed=1), side(300, informed=True, forms=200, seed=2), CONFIG, seed=3
    )
    assert found.accuracy.mean > 0.9
    assert found.accuracy.low <= found.accuracy.mean <= found.accuracy.high
    assert 0.25 < found.majority < 0.45
    assert found.control.mean < 0.6
    assert found.selectivity.mean == pytest.approx(found.accuracy.mean - found.control.mean)
    assert found.selectivity.low > 0.2
    assert found.converged


def test_vectors_that_know_nothing_of_it() -> None:
    found = probe(
        side(600, informed=False, forms=200, seed=1), side(300, informed=False, forms=200, seed=2), CONFIG, seed=3
    )
    assert found.accuracy.mean < 0.45
    assert found.selectivity.low < 0.05


def test_few_forms_are_learnt_by_heart() -> None:
    """The control task tells: five forms, each with one label, are read off the vectors of the forms."""
    found = probe(side(600, informed=True, forms=5, seed=1), side(300, informed=True, forms=5, seed=2), CONFIG, seed=3)
    assert found.control.mean > 0.9
    assert found.selectivity.mean < 0.15


def test_one_label_is_no_task() -> None:
    one = side(30, informed=True, forms=5, seed=1)
    same = Side(one.vectors, ("Nom",) * 30, one.forms, one.sentences)
    assert probe(same, same, CONFIG, seed=3).accuracy.mean == 1


def test_a_solver_that_is_cut_short_is_told() -> None:
    one = side(300, informed=True, forms=50, seed=1)
    assert not probe(one, one, CONFIG.model_copy(update={"iterations": 1}), seed=3).converged


def test_same_seed_same_score() -> None:
    sides = side(90, informed=True, forms=20, seed=1), side(60, informed=True, forms=20, seed=2)
    assert probe(*sides, CONFIG, seed=3) == probe(*sides, CONFIG, seed=3)
    assert probe(*sides, CONFIG, seed=3).control != probe(*sides, CONFIG, seed=4).control
