"""Known answers of the parts: exact recall, chance, the front by brute force, the paper's formula."""

from itertools import product

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.efficiency.pareto import front
from mecelle.evaluation.efficiency.probe import cut
from mecelle.evaluation.efficiency.production import Facts, production_scores
from mecelle.evaluation.efficiency.quality import recall
from mecelle.evaluation.efficiency.variants import Variant, variants

K = 10

PRINTED = {
    "embeddinggemma-300m": (50.63, 55.06, 2_048, 307, 768, 1.41, 100.00),
    "bge-m3": (51.16, 54.42, 8_194, 567, 1_024, 1.49, 99.54),
    "newmindai/bge-m3-stsb": (49.97, 50.14, 8_194, 567, 1_024, 1.37, 94.38),
    "Mursit-Base-TR-Retrieval": (47.52, 50.07, 1_024, 155, 768, 1.17, 92.36),
    "Mursit-Large-TR-Retrieval": (46.42, 51.59, 2_048, 403, 1_024, 1.67, 91.26),
    "bert-base-turkish-uncased-Retrieval": (43.80, 50.20, 512, 110, 768, 0.84, 88.84),
    "bert-base-turkish-cased-Retrieval": (43.00, 49.70, 512, 110, 768, 0.84, 87.55),
    "berturk-legal-Retrieval": (43.69, 48.64, 512, 184, 768, 0.72, 87.21),
    "turkish-base-bert-uncased-Retrieval": (43.55, 47.95, 512, 110, 768, 1.16, 86.31),
    "mmbert-base-Retrieval": (41.71, 48.93, 8_192, 306, 768, 1.53, 86.01),
}
"""Mecellem Table 25: legal, retrieval, length, millions of parameters, dimension, seconds, score."""


def unit(rows: int, dimension: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_exact_search_has_recall_one_and_a_shuffled_index_chance():
    documents, queries = unit(400, 16, 0), unit(200, 16, 1)
    exact = np.argsort(-(queries @ documents.T), axis=1)[:, :K]
    assert (recall(documents, queries, exact) == 1).all()
    rng = np.random.default_rng(2)
    shuffled = np.stack([rng.permutation(len(documents))[row] for row in exact])
    share = recall(documents, queries, shuffled).mean()
    assert share == pytest.approx(K / len(documents), abs=0.01)


def test_recall_counts_what_is_missing_and_lets_copies_stand_for_each_other():
    documents = np.repeat(np.eye(4, dtype=np.float32), 2, axis=0)  # each text twice
    queries = np.eye(4, dtype=np.float32)[:1]
    assert recall(documents, queries, np.array([[1]])).tolist() == [1.0]
    assert recall(documents, queries, np.array([[0, 2]])).tolist() == [0.5]
    assert recall(documents, queries, np.array([[0, -1]])).tolist() == [0.5]


def test_front_agrees_with_brute_force():
    points = np.random.default_rng(3).integers(0, 6, size=(60, 3)).astype(float)
    better = (True, False, False)

    def dominates(a: np.ndarray, b: np.ndarray) -> bool:
        wins = [(x >= y, x > y) if up else (x <= y, x < y) for x, y, up in zip(a, b, better, strict=True)]
        return all(as_good for as_good, _ in wins) and any(best for _, best in wins)

    expected = [not any(dominates(other, point) for other in points) for point in points]
    assert front(points.tolist(), higher_is_better=better).tolist() == expected
    assert 0 < sum(expected) < len(points)


def test_equal_points_stand_on_the_front_together():
    assert front([(1.0, 2.0), (1.0, 2.0), (0.9, 2.0)], higher_is_better=(True, False)).tolist() == [True, True, False]


def test_a_cut_keeps_unit_length_and_the_first_directions():
    vectors = unit(5, 8, 4)
    short = cut(vectors, 3)
    assert np.linalg.norm(short, axis=1) == pytest.approx(1, abs=1e-6)
    assert (short[:, 0] / short[:, 1]) == pytest.approx(vectors[:, 0] / vectors[:, 1], rel=1e-4)
    assert cut(np.zeros((1, 4), dtype=np.float32), 2).tolist() == [[0.0, 0.0]]


def test_variants_are_all_different_and_only_cuts_are_rescored_by_the_full_vectors():
    found = variants(128, cuts=(256, 64, 64), storages=("float32", "int8", "binary"))
    assert len({variant.name for variant in found}) == len(found) == 5 + 8
    assert {variant.dimension for variant in found} == {128, 64}
    assert all(variant.dimension == 64 for variant in found if variant.rescoring == "full")
    assert [Variant(64, storage).bytes_per_vector for storage in ("float32", "int8", "binary")] == [256, 64, 8]


def test_formula_as_described_by_hand():
    first = Facts(legal=50, retrieval=50, max_length=1_024, parameters=200, dimension=768, seconds_per_100=2)
    second = Facts(legal=40, retrieval=25, max_length=512, parameters=100, dimension=2_048, seconds_per_100=1)
    raw = (0.4 + 0.4 - 0.05 - 0.05 + 0.05 + 0.05, 0.2 + 0.32 - 0.025 - 0.025 - 0.05 - 0.05)
    assert production_scores([first, second], reading="described") == pytest.approx([100, 100 * raw[1] / raw[0]])


def test_formula_in_proportion_gives_the_printed_table_with_the_largest_values_that_fit():
    facts = [Facts(*row[:4], dimension=row[4], seconds_per_100=row[5]) for row in PRINTED.values()]
    # A model that has the largest of each cost, as fitted: it stands for the 15 that Table 25 leaves out.
    largest = Facts(30, 30, max_length=40_960, parameters=4_022, dimension=1_891, seconds_per_100=11.45)
    scores = production_scores([*facts, largest], reading="printed")[:-1]
    printed = [row[-1] for row in PRINTED.values()]
    assert scores == pytest.approx(printed, abs=0.03)
    described = production_scores([*facts, largest], reading="described")[:-1]
    assert max(abs(described - printed)) > 0.5


@pytest.mark.parametrize("place", range(6))
def test_formula_refuses_facts_that_are_not_above_zero(place: int):
    values = [1.0] * 6
    values[place] = 0.0
    with pytest.raises(InputError, match="above 0"):
        production_scores([Facts(*values)], reading="printed")


def test_front_does_not_depend_on_the_order():
    points = list(product((0.0, 1.0), (1.0, 2.0)))
    kept = front(points, higher_is_better=(True, False))
    reverse = front(points[::-1], higher_is_better=(True, False))
    assert kept.tolist() == reverse.tolist()[::-1] == [False, False, True, False]
