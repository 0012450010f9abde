"""`mecelle evaluate efficiency` from texts and gold queries to records."""

import json
from pathlib import Path
from typing import Any

import pytest

from mecelle.evaluation import record as records
from mecelle.evaluation.efficiency.run import EXACT


@pytest.fixture
def texts(tmp_path: Path) -> list[object]:
    """Forty articles of two acts, and a question about one of them."""
    documents = [{"id": f"{6098 + n % 2}:m{n}", "text": f"madde {n}"} for n in range(40)]
    queries = [{"id": "q1", "query": "kira", "gold": ["6098:m4"]}]
    for name, rows in (("d", documents), ("q", queries)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return ["--queries", tmp_path / "q.jsonl", "--documents", tmp_path / "d.jsonl", "--cache", tmp_path / "vectors"]


def test_every_variant_has_its_ndcg_beside_that_of_exact_search(
    mecelle: Any, texts: list[object], tmp_path: Path
) -> None:
    few = ("--set", "storages=[int8]", "--set", "dimensions=[]", "--set", "passes=1", "--set", "pool=gold_acts")
    told = json.loads(mecelle("evaluate", "efficiency", "random", *texts, "--out", tmp_path / "out", *few).stdout)
    assert told["models"] == ["random"]
    (made,) = records.read(tmp_path / "out")
    assert made.scores["documents"] == 20  # of the act that a question asks for
    assert 0 <= made.scores["ndcg@10 | 384 int8"] <= 1
    assert made.scores[EXACT] == pytest.approx(made.scores["ndcg@10 | 384 int8, rescored"])
    assert {"p50 ms | 384 int8", "p99 ms | 384 int8", "resident MiB | 384 int8"} <= made.scores.keys()


def test_a_model_without_vectors_is_refused(refused: Any, texts: list[object], tmp_path: Path) -> None:
    told = refused("evaluate", "efficiency", "bm25:snowball", *texts, "--out", tmp_path / "out")
    assert "ranks by words" in told
