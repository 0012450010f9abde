"""Static models: one vector for each token, loaded like any other model."""

import json

import numpy as np
import pytest

from mecelle.base.errors import ConfigError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.export.onnx import ExportConfig, export_onnx
from mecelle.embedding.model import open_encoder
from mecelle.embedding.static import StaticConfig, distil
from mecelle.models.names import load_encoder


@pytest.fixture(scope="module")
def static(encoder, tmp_path_factory):
    out = tmp_path_factory.mktemp("static") / "static"
    distil(encoder, out, StaticConfig(dims=16, licence="mit"))
    return out


def test_it_is_an_encoder_whose_vectors_ignore_order(static):
    model = load_encoder(static)
    vectors = model.encode(["kira için noter", "noter için kira", "haciz", ""])
    assert vectors.shape == (4, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors[:3], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-2)


def test_progress_is_ours_and_nothing_else_is_said(encoder, tmp_path, capfd, caplog):
    distil(encoder, tmp_path / "out", StaticConfig(dims=16))
    told = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["task"], line["ended"]) for line in told] == [("distil", "done")]
    assert told[0]["done"] == told[0]["total"] > 100
    assert not caplog.records


def test_texts_are_tokenised_once(static, monkeypatch):
    model, texts = load_encoder(static), ["kira için noter", "haciz", ""]
    expected = model.encode(texts)
    monkeypatch.setattr(model, "_counter", None)
    np.testing.assert_array_equal(model.encode(texts), expected)


def test_it_cannot_be_trained_on_or_exported_and_says_so(static, tmp_path):
    with pytest.raises(ConfigError, match=r"StaticEmbedding has no transformer, and cannot be trained"):
        open_encoder(static, EmbeddingConfig(max_length=32))
    with pytest.raises(ConfigError, match="cannot be exported"):
        export_onnx(static, tmp_path / "onnx", ExportConfig())


def test_same_model_same_bytes(encoder, static, tmp_path):
    distil(encoder, tmp_path / "again", StaticConfig(dims=16, licence="mit"))
    name = "model.safetensors"
    first, second = (next(folder.rglob(name)).read_bytes() for folder in (static, tmp_path / "again"))
    assert first == second


def test_more_dims_than_the_model_has_are_refused(encoder, tmp_path):
    with pytest.raises(ConfigError, match="dims 64"):
        distil(encoder, tmp_path / "out", StaticConfig(dims=64))
