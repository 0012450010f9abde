import numpy as np
import pytest

from mecelle.base.errors import MismatchError
from mecelle.retrieval.exact import QUERY_BATCH, ExactDense, rank_dense

AXES = np.eye(3, dtype=np.float32)


def test_nearest_first_and_ties_by_id():
    collection = ExactDense(["c", "a", "b"], AXES)
    [ranking] = collection.rank(np.array([[0.0, 0.0, 1.0]], dtype=np.float32), 3)
    assert ranking == [("b", 1.0), ("a", 0.0), ("c", 0.0)]


def test_more_queries_than_a_batch():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(20, 8)).astype(np.float32)
    queries = rng.normal(size=(QUERY_BATCH + 5, 8)).astype(np.float32)
    rankings = ExactDense([f"{n:02d}" for n in range(20)], vectors).rank(queries, 1)
    assert [int(ranking[0][0]) for ranking in rankings] == np.argmax(queries @ vectors.T, axis=1).tolist()


def test_shapes_that_do_not_fit():
    with pytest.raises(MismatchError, match="2 ids"):
        ExactDense(["a", "b"], AXES)
    with pytest.raises(MismatchError, match="3 dimensions"):
        ExactDense(["a", "b", "c"], AXES).rank(np.ones((1, 4), dtype=np.float32), 1)


def test_rank_dense_asks_the_encoder_for_both_roles(encoder):
    documents = [("kira", "kira bedeli"), ("iş", "kıdem tazminatı")]
    rankings = rank_dense(encoder, ["kıdem tazminatı", "kira"], documents, 1)
    assert [ranking[0][0] for ranking in rankings] == ["iş", "kira"]
    assert encoder.documents == ["kira bedeli", "kıdem tazminatı"]
    assert rank_dense(encoder, ["kira"], [], 1) == [[]]
    assert rank_dense(encoder, [], documents, 1) == []
