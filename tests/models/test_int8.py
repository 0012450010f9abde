"""Weights in 8 bits: how far off they are, and that such a folder is used like any other."""

import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mecelle.base.errors import ArtifactError, InputError
from mecelle.models import int8
from mecelle.models.folders import find_folder
from mecelle.models.names import load_encoder

TEXTS = ["kiracı kira bedelini öder", "mahkeme karar verdi.", "sözleşme fesih"]


def test_rows_are_off_by_half_a_scale_at_most():
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(40, 60)).astype(np.float32) * np.logspace(-3, 2, 40)[:, None].astype(np.float32)
    matrix[7] = 0
    tensors = {"layer.weight": matrix, "layer.bias": matrix[0], "steps": np.arange(3)}
    packed = int8.quantise(tensors)
    assert packed["layer.weight"].dtype == np.int8
    assert np.abs(packed["layer.weight"]).max() == 127
    np.testing.assert_allclose(packed["layer.weight.scale"][0], np.abs(matrix[0]).max() / 127, rtol=1e-6)
    back = int8.dequantise(packed)
    assert set(back) == set(tensors)
    np.testing.assert_array_equal(back["layer.bias"], tensors["layer.bias"])
    worst = np.abs(back["layer.weight"] - matrix).max(axis=1)
    assert (worst <= np.abs(matrix).max(axis=1) / 127 / 2 * 1.0001).all()
    assert back["layer.weight"].dtype == np.float32


def test_weights_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="'w' is NaN"):
        int8.quantise({"w": np.full((2, 2), np.nan, np.float32)})


def test_weights_in_bfloat16_are_packed_as_they_are(tmp_path):
    """As most models are published today."""
    matrix = torch.randn(3, 4, generator=torch.Generator().manual_seed(1)).bfloat16()
    (tmp_path / "model").mkdir()
    save_file({"w": matrix, "b": matrix[0].clone(), "steps": torch.arange(3)}, tmp_path / "model" / "model.safetensors")
    int8.pack(tmp_path / "model", tmp_path / "small")
    int8.unpack(tmp_path / "small", tmp_path / "plain")
    found = load_file(tmp_path / "plain" / "model.safetensors")
    assert found["w"].dtype == torch.float32
    assert (found["w"] - matrix.float()).abs().max() <= matrix.abs().max() / 127 / 2 * 1.0001
    assert torch.equal(found["b"], matrix[0].float())
    assert torch.equal(found["steps"], torch.arange(3))


def test_a_packed_folder_is_smaller_and_gives_nearly_the_same_vectors(embedding_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(int8, "CACHE", tmp_path / "cache")
    small = tmp_path / "small"
    int8.pack(embedding_folder, small)
    weights = [path.name for path in small.rglob("*.safetensors")]
    assert weights == ["model.int8.safetensors"]
    ratio = (small / weights[0]).stat().st_size / (embedding_folder / "model.safetensors").stat().st_size
    assert ratio < 0.45  # rows of the tiny model are short, so that scales weigh
    before, after = load_encoder(embedding_folder).encode(TEXTS), load_encoder(small).encode(TEXTS)
    cosines = (before * after).sum(axis=1)
    assert (cosines > 0.998).all()
    assert np.abs(before - after).max() > 1e-6
    plain = find_folder(small)
    assert plain.parent == tmp_path / "cache"
    assert find_folder(small) == plain
    np.testing.assert_array_equal(load_encoder(plain).encode(TEXTS), after)


def test_without_a_cache_that_can_be_written_to_the_model_lies_in_a_temporary_folder(
    embedding_folder, tmp_path, monkeypatch
):
    int8.pack(embedding_folder, tmp_path / "small")
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(int8, "CACHE", tmp_path / "file" / "cache")  # as a home that is not there
    plain = find_folder(tmp_path / "small")
    assert plain.name.startswith("mecelle-")
    assert find_folder(tmp_path / "small") == plain
    assert load_encoder(plain).encode(TEXTS).shape == (len(TEXTS), 32)


def test_unpacking_gives_equal_bytes(embedding_folder, tmp_path):
    int8.pack(embedding_folder, tmp_path / "small")
    for name in ("one", "other"):
        int8.unpack(tmp_path / "small", tmp_path / name)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert files
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes() for file in files)


def test_what_is_packed_already_or_has_no_weights_is_refused(embedding_folder, tmp_path):
    int8.pack(embedding_folder, tmp_path / "small")
    with pytest.raises(ArtifactError, match="16 or 32 bits"):
        int8.pack(tmp_path / "small", tmp_path / "smaller")
    shutil.copytree(embedding_folder, tmp_path / "bare", ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(ArtifactError, match="16 or 32 bits"):
        int8.pack(tmp_path / "bare", tmp_path / "out")
