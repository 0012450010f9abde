"""The evaluation where a user has no questions: on the held-out pairs of a real artifact."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl, write_documents
from mecelle.base.document import make_document
from mecelle.base.errors import InputError
from mecelle.embedding.guide.build import GuideConfig
from mecelle.embedding.pairs.build import PairsConfig, build_pairs
from mecelle.evaluation import stage
from mecelle.evaluation.stage import EvaluationConfig, evaluate

CONFIG = EvaluationConfig(resamples=1_000)


def made_pairs(folder: Path, count: int) -> Path:
    texts = [
        f"Davacı {n} numaralı dosyada {n} kez mahkemeye başvurmuş ve tahliye istemiştir. Dosya {n} incelenmiştir. "
        f"Mahkeme {n} numaralı dosyada istemi yerinde bulmuş ve karar vermiştir."
        for n in range(count)
    ]
    documents = [make_document(text, kind="decision", source=f"d#{n}") for n, text in enumerate(texts)]
    write_documents(documents, folder / "training")
    build_pairs(folder / "training", folder / "pairs", PairsConfig(), seed=1)
    return folder / "pairs"


def test_held_out_pairs_are_asked_of_all_documents(tmp_path: Path, one_hot: Any, monkeypatch: Any) -> None:
    pairs = made_pairs(tmp_path, 40)
    asked: list[Any] = []

    def load(name: Any, **more: Any) -> Any:
        asked.append((name, more))
        return one_hot({})

    monkeypatch.setattr(stage, "load_encoder", load)
    guide = tmp_path / "guide"
    settings = GuideConfig(model="package:other", max_length=77)
    with artifacts.create(guide, stage="guide", version=1, parameters=settings, inputs={}, seed=None):
        pass
    (tmp_path / "mine").mkdir()
    models: dict[str, Path | str] = {"mine": tmp_path / "mine", "e5": "owner/model"}
    evaluate(tmp_path / "out", CONFIG, models=models, seed=7, guide=guide, pairs=pairs)
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert record.figures["silver"]
    assert record.figures["queries"] == {"development": 2, "test": 2}
    assert record.figures["documents"] == 40
    assert len(list(read_jsonl(pairs / "held_out.jsonl.zst"))) == 4
    # The guide is the model of the guide's artifact, and only folders are cut to our length.
    assert dict(asked) == {
        "package:other": {"max_length": 77, "precision": "auto"},
        tmp_path / "mine": {"max_length": CONFIG.max_length, "precision": "auto"},
        "owner/model": {"max_length": None, "precision": "auto"},
    }
    scores = orjson.loads((tmp_path / "out" / "scores.json").read_bytes())
    assert {"mine", "bm25:first5+e5", "guide"} <= set(scores["test"])
    assert "map@100" in scores["test"]["mine"]


def test_too_few_held_out_pairs_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="held-out pairs: 0 queries; at least 2 are needed"):
        evaluate(tmp_path / "out", CONFIG, models={}, seed=7, pairs=made_pairs(tmp_path, 3))
    assert not (tmp_path / "out").exists()


def test_pairs_of_an_older_version_are_told(tmp_path: Path) -> None:
    with artifacts.create(tmp_path / "old", stage="pairs", version=1, parameters={}, inputs={}, seed=1):
        pass
    with pytest.raises(InputError, match="make the pairs again"):
        evaluate(tmp_path / "out", CONFIG, models={}, seed=7, pairs=tmp_path / "old")
