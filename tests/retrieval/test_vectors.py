import json

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.retrieval.config import VectorConfig
from mecelle.retrieval.filters import Between, OneOf
from mecelle.retrieval.vectors import open_store
from mecelle.retrieval.vectors_edge import EdgeStore
from mecelle.retrieval.vectors_server import ServerStore

DIMENSION = 16


def unit_vectors(count: int, seed: int = 5) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(params=["edge", "server"])
def store(request, tmp_path):
    if request.param == "edge":
        opened = EdgeStore(tmp_path / "vectors", DIMENSION, VectorConfig(), may_create=True)
    else:
        client = pytest.importorskip("qdrant_client").QdrantClient(":memory:")
        opened = ServerStore(client, DIMENSION, VectorConfig(), may_create=True)
    yield opened
    opened.close()


# The in-memory client says what it ignores and a server has.
@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
@pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning")
def test_both_stores_do_the_same(store):
    vectors = unit_vectors(30)
    points = [2**62 + number for number in range(30)]
    payloads = [{"kind": "decision" if number % 2 else "statute", "year": 2000 + number} for number in range(30)]
    store.add(points, vectors, payloads)
    store.add(points[:1], vectors[:1], payloads[:1])  # a second time changes nothing
    store.finish()
    assert store.points() == set(points)
    similar = vectors @ vectors[4]
    wanted = np.argsort(-similar)
    found = store.search(vectors[4], 5)
    assert [point for point, _ in found] == [points[number] for number in wanted[:5]]
    assert np.allclose([score for _, score in found], similar[wanted[:5]], atol=1e-5)
    odd = [points[number] for number in wanted if number % 2][:5]
    assert [point for point, _ in store.search(vectors[4], 5, (OneOf("kind", ("decision",)),))] == odd
    either = OneOf("kind", ("decision", "statute", "web"))
    lately = [points[number] for number in wanted if number >= 20][:5]
    assert [point for point, _ in store.search(vectors[4], 5, (either, Between("year", 2020, 2029)))] == lately
    assert [point for point, _ in store.search(vectors[4], 5, among={points[7], points[8], 99})] == [
        point for point in (points[number] for number in wanted) if point in points[7:9]
    ]
    assert np.allclose(store.vectors([points[3], 99])[points[3]], vectors[3], atol=1e-6)
    store.delete([points[4], 12345])
    assert store.points() == set(points) - {points[4]}
    assert points[4] not in dict(store.search(vectors[4], 30))


def test_a_folder_is_open_to_two_at_once_and_remembers(tmp_path):
    vectors = unit_vectors(10)
    first = EdgeStore(tmp_path / "v", DIMENSION, VectorConfig(), may_create=True)
    first.add(list(range(10)), vectors, [{}] * 10)
    first.finish()
    first.close()
    readers = [open_store(tmp_path / "v", DIMENSION, VectorConfig(), may_create=False) for _ in range(2)]
    assert [reader.search(vectors[3], 1)[0][0] for reader in readers] == [3, 3]
    for reader in readers:
        reader.close()


def test_the_graph_finds_what_exact_search_finds(tmp_path):
    vectors = unit_vectors(3_000)
    store = EdgeStore(tmp_path / "v", DIMENSION, VectorConfig(exact_below_kib=1), may_create=True)
    store.add(list(range(3_000)), vectors, [{}] * 3_000)
    store.finish()
    questions = unit_vectors(50, seed=6)
    found = [{point for point, _ in store.search(question, 10)} for question in questions]
    wanted = [set(np.argsort(-(vectors @ question))[:10].tolist()) for question in questions]
    store.close()
    recall = sum(len(left & right) for left, right in zip(found, wanted, strict=True)) / 500
    assert recall > 0.95


@pytest.mark.parametrize("storage", ["int8", "float32"])
@pytest.mark.parametrize("exact_below_kib", [1, 10_000], ids=["graph", "no graph"])
def test_what_is_deleted_leaves_the_files(tmp_path, storage, exact_below_kib):
    folder, vectors, config = tmp_path / "v", unit_vectors(300), VectorConfig(storage=storage)
    config = config.model_copy(update={"exact_below_kib": exact_below_kib})
    store = EdgeStore(folder, DIMENSION, config, may_create=True)
    store.add(list(range(300)), vectors, [{"court": f"court {number:03d}"} for number in range(300)])
    store.finish()
    store.close()
    # A shard of before: it kept what was deleted until that was a fifth of a segment of a thousand.
    settings = json.loads((folder / "edge_config.json").read_text())
    settings["optimizers"] |= {"deleted_threshold": 0.2, "vacuum_min_vector_number": None}
    (folder / "edge_config.json").write_text(json.dumps(settings))

    def holders(wanted):
        return {path.name for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes()}

    def quantised_bytes():
        return [path.stat().st_size for path in folder.rglob("quantized.data")]

    before = quantised_bytes()
    assert bool(before) == (storage == "int8" and exact_below_kib == 1)
    for gone in (7, 8):
        assert holders(vectors[gone].tobytes())
        assert holders(b"court %03d" % gone)
        store = EdgeStore(folder, DIMENSION, config, may_create=False)
        store.delete([gone])
        store.finish()
        assert store.search(vectors[9], 1)[0][0] == 9
        store.close()
        assert not holders(vectors[gone].tobytes())
        assert not holders(b"court %03d" % gone)
    assert quantised_bytes() == [size - 2 * (DIMENSION + 4) for size in before]
    store = EdgeStore(folder, DIMENSION, config, may_create=False)
    store.delete(range(300))
    store.finish()
    assert store.points() == set()
    store.close()
    assert not holders(vectors[9].tobytes())


def test_an_unreadable_folder_is_refused_in_a_search_and_made_anew_in_a_build(tmp_path):
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "edge_config.json").write_text("{broken")
    with pytest.raises(ArtifactError, match="build the index again"):
        open_store(tmp_path / "v", DIMENSION, VectorConfig(), may_create=False)
    store = open_store(tmp_path / "v", DIMENSION, VectorConfig(), may_create=True)
    assert store.points() == set()
    store.close()


def test_a_folder_that_is_gone_is_an_artifact_error(tmp_path):
    with pytest.raises(ArtifactError, match="no vectors are there"):
        open_store(tmp_path / "generation" / "v", DIMENSION, VectorConfig(), may_create=False)


def test_whatever_the_shard_raises_is_an_artifact_error(tmp_path):
    store = EdgeStore(tmp_path / "v", DIMENSION, VectorConfig(), may_create=True)
    store.close()
    for read in (store.points, lambda: store.vectors([1]), lambda: store.search(unit_vectors(1)[0], 1)):
        with pytest.raises(ArtifactError, match="the vectors cannot be read"):
            read()


def test_a_server_that_does_not_answer(tmp_path):
    with pytest.raises(InputError, match="no Qdrant server answers"):
        open_store(tmp_path, DIMENSION, VectorConfig(server="http://127.0.0.1:9"), may_create=True)
