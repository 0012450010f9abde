"""`mecelle embedding synthesise`: which server is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.errors import ConfigError


def test_an_endpoint_that_is_given_goes_over_that_of_the_file(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def synthesise(training: Path, out: Path, config: Any, **_: Any) -> None:
        asked.append(config)
        raise ConfigError("enough for a test")

    monkeypatch.setattr("mecelle.embedding.pairs.synthetic.synthesise", synthesise)
    params, endpoint = tmp_path / "params.yaml", {"url": "http://a/v1", "model": "a", "timeout_seconds": 9.0}
    params.write_text(json.dumps({"synthesise": {"endpoint": endpoint, "passages": 5}}))
    given = ("--out", tmp_path / "out", "--endpoint", "b@http://b/v1", "--params", params)
    refused("embedding", "synthesise", tmp_path, *given)
    [config] = asked
    assert (config.endpoint.url, config.endpoint.model) == ("http://b/v1", "b")
    assert (config.endpoint.timeout_seconds, config.passages) == (9.0, 5)
