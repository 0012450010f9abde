import numpy as np
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError
from mecelle.retrieval.config import IndexConfig, VectorConfig
from mecelle.retrieval.index import build
from mecelle.retrieval.matryoshka import cut, kept_dimensions
from mecelle.retrieval.search import Filters, Searcher


def test_a_cut_is_unit_again_and_keeps_the_leading_components():
    vectors = np.array([[3.0, 4.0, 12.0], [0.0, 0.0, 1.0]], dtype=np.float32)
    assert np.allclose(cut(vectors, 2), [[0.6, 0.8], [0.0, 0.0]])
    assert cut(vectors, 3) is vectors


def test_auto_keeps_the_least_trained_cut_of_256_or_more(tmp_path, counting_encoder):
    with artifacts.create(
        tmp_path / "model", stage="embedding", version=1, parameters={"dims": [512, 256, 64]}, inputs={}, seed=None
    ):
        pass
    encoder = counting_encoder()
    encoder.name, encoder.dimension = str(tmp_path / "model"), 768
    assert kept_dimensions(encoder, VectorConfig()) == 256
    assert kept_dimensions(encoder, VectorConfig(dimensions=None)) == 768
    assert kept_dimensions(encoder, VectorConfig(dimensions=100)) == 100
    encoder.dimension = 128
    assert kept_dimensions(encoder, VectorConfig()) == 128
    assert kept_dimensions(counting_encoder(), VectorConfig()) == 64
    with pytest.raises(ConfigError, match=r"vectors.dimensions is 129, .* gives 128"):
        kept_dimensions(encoder, VectorConfig(dimensions=129))


def test_an_index_keeps_cut_vectors_and_asks_with_them(collection, tmp_path, encoder):
    config = IndexConfig(vectors=VectorConfig(dimensions=32))
    build(collection, tmp_path / "index", config, model=encoder, workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as searcher:
        store = searcher.meaning.store()
        assert {len(vector) for vector in store.vectors(store.points()).values()} == {32}
        found = searcher.search("kıdem tazminatı", mode="dense", filters=Filters(kind="decision"))
        asked = cut(encoder.encode(["kıdem tazminatı"], role="query"), 32)[0]
        documents = cut(encoder.encode([hit.passage for hit in found]), 32)
        assert np.allclose([hit.score for hit in found], documents @ asked, atol=1e-5)
