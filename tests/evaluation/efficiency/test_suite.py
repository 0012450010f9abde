"""Vectors in a real engine: known recalls, records that are used again, figures that add up."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.efficiency.collection import draw, read_vectors
from mecelle.evaluation.efficiency.config import EfficiencyConfig
from mecelle.evaluation.efficiency.report import points, production_table
from mecelle.evaluation.efficiency.run import TASK
from mecelle.evaluation.efficiency.suite import PLOT, POINTS, evaluate
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.tasks.retrieval import RetrievalTask

ROWS, DIMENSION = 500, 32


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clusters of neighbours whose first components say most, as Matryoshka training leaves them."""
    rng = np.random.default_rng(5)
    scale = 1 / np.arange(1, DIMENSION + 1)
    folder = tmp_path_factory.mktemp("vectors")
    for name, rows in (("documents", ROWS), ("queries", 40)):
        array = (rng.normal(size=(rows, DIMENSION)) * scale).astype(np.float32)
        np.save(folder / f"{name}.npy", array / np.linalg.norm(array, axis=1, keepdims=True))
    return folder


@pytest.fixture(scope="module")
def measured(vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TaskRecord, Path]:
    out = tmp_path_factory.mktemp("results")
    config = EfficiencyConfig(dimensions=(8,), storages=("float32", "int8"), passes=1)
    return evaluate({"mine": vectors}, out, config, seed=7)[0], out


def test_recalls_are_as_they_must_be(measured: tuple[TaskRecord, Path]):
    scores = measured[0].scores
    assert scores["share in graph | 32 float32"] == 1.0
    assert scores["recall@k | 32 float32"] > 0.97
    assert scores["recall@k | 32 int8"] > 0.8
    assert scores["recall@k | 32 int8, rescored"] >= scores["recall@k | 32 int8"]
    assert scores["recall@k | 8 float32"] < scores["recall@k | 32 float32"]
    assert scores["recall@k | 8 float32, rescored by all dimensions"] > scores["recall@k | 8 float32"]
    assert measured[0].score == scores["recall@k | 32 int8"] == pytest.approx(np.mean(measured[0].values))


def test_figures_are_there_and_in_order(measured: tuple[TaskRecord, Path]):
    scores = measured[0].scores
    for point in points([measured[0]]):
        assert 0 < point.p50_ms <= point.p95_ms <= point.p99_ms
        assert point.disk_mib > 0
        assert point.seconds_per_batch > 0
        assert point.measure == "recall"
    assert scores["log MiB | 32 int8"] > 0
    assert scores["disk MiB | 32 int8"] > scores["disk MiB | 8 int8"] * 0.9


def test_a_front_is_drawn_and_written(measured: tuple[TaskRecord, Path]):
    record, out = measured
    rows = orjson.loads((out / POINTS).read_bytes())
    assert [row["variant"] for row in rows] == [point.variant for point in points([record])]
    assert any(row["on_front"] for row in rows)
    assert (out / PLOT).read_text().startswith("<svg")


def test_the_same_again_is_read_not_measured(
    measured: tuple[TaskRecord, Path], vectors: Path, monkeypatch: pytest.MonkeyPatch
):
    record, out = measured
    monkeypatch.setattr("mecelle.evaluation.efficiency.suite.measure", None)
    config = EfficiencyConfig(dimensions=(8,), storages=("float32", "int8"), passes=1)
    assert evaluate({"mine": vectors}, out, config, seed=7) == [record]
    with pytest.raises(TypeError):  # another parameter is another measurement
        evaluate({"mine": vectors}, out, config.model_copy(update={"quantile": 0.99}), seed=7)


def test_vectors_that_cannot_be_used_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"documents\.npy: no such file"):
        read_vectors(tmp_path)
    np.save(tmp_path / "documents.npy", np.ones((3, 4), dtype=np.float32))
    with pytest.raises(InputError, match="3 of 3 rows are not of length 1"):
        read_vectors(tmp_path)
    np.save(tmp_path / "documents.npy", np.eye(4, dtype=np.float32))
    np.save(tmp_path / "queries.npy", np.eye(3, dtype=np.float32))
    with pytest.raises(InputError, match="4 dimensions"):
        read_vectors(tmp_path)
    with pytest.raises(InputError, match="--queries and --documents"):
        evaluate({"a model": "package:use"}, tmp_path, EfficiencyConfig(), seed=7)


def test_a_collection_is_cut_by_seed_and_keeps_the_answers():
    task = RetrievalTask(
        name="t",
        queries={"q1": "?"},
        documents={f"d{number}": str(number) for number in range(100)},
        gold={"q1": {"d7", "d99"}},
    )
    first, second = (draw(task, 10, seed=seed).documents for seed in (1, 2))
    assert len(first) == len(second) == 10
    assert {"d7", "d99"} <= first.keys() & second.keys()
    assert first.keys() != second.keys()
    assert first == draw(task, 10, seed=1).documents


def _record(model: str, kind: str, task: str, **scores: float) -> TaskRecord:
    main = next(iter(scores))
    return TaskRecord.model_validate(
        {
            "model": model, "fingerprint": "f", "task": task, "kind": kind, "split": "test", "main_score": main,
            "scores": scores, "unit": "query", "ids": (), "values": (), "n": 0, "seed": 7,
            "parameters": {"batch": 50}, "data": "d",
        }
    )  # fmt: skip


def test_production_scores_come_from_the_records_or_say_what_is_missing():
    facts = {"recall@k": 1.0, "dimension": 384, "max length": 512, "parameters": 8e6, "seconds per batch | 384 int8": 1}
    records = [
        _record("a", "efficiency", TASK, **facts),
        _record("b", "efficiency", TASK, **facts | {"parameters": 16e6}),
        _record("c", "efficiency", TASK, **facts),
        *(_record(model, "retrieval", "r.v1", ndcg=0.5) for model in "abc"),
        *(_record(model, "legal retrieval", "l.v1", ndcg=0.5) for model in "ab"),
        _record("a", "legal retrieval", "only_a.v1", ndcg=0.1),
    ]
    table, missing = production_table(records)
    assert missing == {"c": "legal"}
    assert table["a"]["printed"] == pytest.approx(100)
    # The larger model loses the parameter penalty's half; what only one model was scored on counts for neither.
    assert table["b"]["printed"] == pytest.approx(100 * 0.7 / 0.725)
