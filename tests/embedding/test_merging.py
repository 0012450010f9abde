"""Merged weights, against the formulas; strangers are refused."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from mecelle.base.errors import MismatchError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.merging import MergeConfig, merge
from mecelle.embedding.model import open_encoder, save_model

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def two(encoder, tmp_path_factory):
    """The tiny encoder, and the same with other weights; one matrix points the same way in both."""
    place = tmp_path_factory.mktemp("two")
    model = open_encoder(encoder, EmbeddingConfig(max_length=32))
    save_model(model, place / "a")
    torch.manual_seed(5)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                parameter.mul_(1.5) if "layers.0.mlp.Wi" in name else parameter.add_(torch.randn_like(parameter) * 0.02)
    save_model(model, place / "b")
    return place / "a", place / "b"


def slerp(a, b, t):
    """Along the arc between the directions, lengths included (Shoemake 1985)."""
    a, b = a.double().numpy(), b.double().numpy()
    cosine = (a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b))
    if abs(cosine) > 0.9995:
        return (1 - t) * a + t * b
    angle = np.arccos(cosine)
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


@pytest.mark.parametrize("method", ["linear", "slerp"])
@pytest.mark.parametrize("weight", [0.0, 0.3])
def test_every_tensor_is_that_of_the_formula(two, tmp_path, method, weight):
    merge(*two, tmp_path / "out", MergeConfig(method=method, weight=weight))
    a, b = (load_file(folder / WEIGHTS) for folder in two)
    found = load_file(tmp_path / "out" / WEIGHTS)
    assert set(found) == set(a)
    arcs = 0
    for name, tensor in found.items():
        linear = ((1 - weight) * a[name] + weight * b[name]).double().numpy()
        expected = slerp(a[name], b[name], weight) if method == "slerp" else linear
        arcs += not np.allclose(expected, linear, atol=1e-6)
        np.testing.assert_allclose(tensor.numpy(), expected, atol=2e-7, rtol=1e-5, err_msg=name)
    assert (arcs > 0) == (method == "slerp" and weight > 0)


def test_it_loads_and_keeps_the_tokenizer(two, tmp_path):
    merge(*two, tmp_path / "out", MergeConfig())
    model = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    assert model.encode("kira").shape == (32,)
    assert (tmp_path / "out" / "tokenizer.json").read_bytes() == (two[0] / "tokenizer.json").read_bytes()
    assert "merged by slerp" in (tmp_path / "out" / "README.md").read_text()


def test_other_shapes_and_tokenizers_are_refused(two, make_encoder, tmp_path):
    other = make_encoder(tmp_path / "other", vocabulary=200)
    save_model(open_encoder(other, EmbeddingConfig(max_length=32)), tmp_path / "c")
    with pytest.raises(MismatchError, match="cannot be merged"):
        merge(two[0], tmp_path / "c", tmp_path / "out", MergeConfig())
    assert not (tmp_path / "out").exists()


def test_other_prompts_are_refused(two, tmp_path):
    model = open_encoder(two[1], EmbeddingConfig(max_length=32, query_prompt="soru: "))
    save_model(model, tmp_path / "c")
    with pytest.raises(MismatchError, match="prompts differ"):
        merge(two[0], tmp_path / "c", tmp_path / "out", MergeConfig())
