"""`mecelle corpus reconstruct`: which model is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.errors import ConfigError


def test_a_model_that_is_given_goes_over_the_file(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def reconstruct_documents(documents: Path, out: Path, config: Any, **_: Any) -> None:
        asked.append(config)
        raise ConfigError("enough for a test")

    monkeypatch.setattr("mecelle.corpus.reconstruct.reconstruct_documents", reconstruct_documents)
    params, endpoint = tmp_path / "params.yaml", {"url": "http://a/v1", "model": "a", "timeout_seconds": 9.0}
    params.write_text(json.dumps({"reconstruct": {"reconstruction": {"endpoint": endpoint}}}))
    given = ("corpus", "reconstruct", tmp_path, "--out", tmp_path / "out", "--params", params)
    refused(*given, "--model", "b@http://b/v1")
    refused(*given)
    found = [config.reconstruction.endpoint for config in asked]
    assert [(one.url, one.model, one.timeout_seconds) for one in found] == [
        ("http://b/v1", "b", 9.0), ("http://a/v1", "a", 9.0),
    ]  # fmt: skip
