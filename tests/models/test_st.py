"""Folders of sentence-transformers and of plain Hugging Face encoders as text encoders."""

import shutil

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, ConfigError
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder

TEXTS = ["kiracı kira bedelini öder", "", "mahkeme karar verdi.", "kira", "sözleşme fesih"]


def test_vectors_are_unit_rows_in_the_order_of_the_texts(embedding_folder):
    encoder = load_encoder(embedding_folder, batch_size=2)
    assert isinstance(encoder, TextEncoder)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (5, encoder.dimension) == (5, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    one_by_one = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(vectors, one_by_one, atol=1e-5)
    assert encoder.encode([]).shape == (0, 32)


def test_same_vectors_as_sentence_transformers_itself(embedding_folder):
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(embedding_folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(load_encoder(embedding_folder).encode(TEXTS), expected, atol=1e-5)


def test_query_prompt_of_the_folder_is_used_and_can_be_replaced(embedding_folder):
    encoder = load_encoder(embedding_folder)
    as_query = encoder.encode(["kira"], role="query")
    np.testing.assert_allclose(as_query, encoder.encode(["kiracı kira"]), atol=1e-5)
    assert not np.allclose(as_query, encoder.encode(["kira"]), atol=1e-3)
    bare = load_encoder(embedding_folder, prompts={"query": ""})
    np.testing.assert_allclose(bare.encode(["kira"], role="query"), encoder.encode(["kira"]), atol=1e-5)


def test_plain_encoder_is_pooled_by_mean(masked_folder):
    import torch
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(masked_folder)(TEXTS[0], return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(masked_folder)(**inputs).last_hidden_state[0]
    mean = states.mean(dim=0).numpy()
    vector = load_encoder(masked_folder).encode([TEXTS[0]])[0]
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_truncation_is_counted(embedding_folder):
    encoder = load_encoder(embedding_folder, max_length=6)
    encoder.encode(["kira " * 4, "kira " * 5, "kira " * 50])  # 6, 7 and 52 tokens with both specials
    assert encoder.truncated_texts == 2
    encoder.encode(["kira " * 4], role="query")  # the prompt makes it 7
    assert encoder.truncated_texts == 3


def test_counting_does_not_switch_the_tokenizer_that_other_threads_encode_with(embedding_folder, monkeypatch):
    encoder = load_encoder(embedding_folder, max_length=6)
    encoder.encode(["kira " * 50])
    backend, encode = encoder.model.tokenizer.backend_tokenizer, encoder.model.encode_document
    cut, found = backend.truncation, []
    assert cut["max_length"] == 6

    def encode_document(*arguments, **settings):
        found.append(backend.truncation)
        return encode(*arguments, **settings)

    monkeypatch.setattr(encoder.model, "encode_document", encode_document)
    encoder.encode(["kira " * 50])
    assert found == [cut]


def test_max_length_beyond_the_positions_is_refused(embedding_folder):
    with pytest.raises(ConfigError, match=r"max_length 25 .* at most 24"):
        load_encoder(embedding_folder, max_length=25)


def test_fingerprint_changes_with_a_weight_and_a_setting_only(embedding_folder, tmp_path):
    from safetensors.numpy import load_file, save_file

    copy = tmp_path / "copy"
    shutil.copytree(embedding_folder, copy)
    (copy / "README.md").write_text("another card")
    (copy / "lineage").mkdir()
    (copy / "lineage" / "steps.json").write_text("{}")
    before = load_encoder(embedding_folder).fingerprint
    assert load_encoder(copy).fingerprint == before
    assert load_encoder(copy, max_length=6).fingerprint != before
    weights = load_file(copy / "model.safetensors")
    next(iter(weights.values())).flat[0] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert load_encoder(copy).fingerprint != before


def test_a_device_that_is_not_here_is_named(embedding_folder):
    with pytest.raises(ConfigError, match=r"device 'tpu9'.*here are: cpu"):
        load_encoder(embedding_folder, device="tpu9")


def test_damaged_weights_are_an_artifact_error(embedding_folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(embedding_folder, copy)
    (copy / "model.safetensors").write_bytes(b"short")
    with pytest.raises(ArtifactError, match="does not load as an encoder"):
        load_encoder(copy)


def test_vectors_that_are_nan_are_named(masked_folder, tmp_path):
    from safetensors.numpy import load_file, save_file

    from mecelle.base.errors import InputError

    copy = tmp_path / "copy"
    shutil.copytree(masked_folder, copy)
    weights = load_file(copy / "model.safetensors")
    for weight in weights.values():
        weight[...] = np.nan
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="2 of 2 vectors are NaN"):
        load_encoder(copy).encode(["kira", "karar"])


def test_half_precision_gives_nearly_the_same_vectors_under_the_same_fingerprint(embedding_folder):
    whole, half = load_encoder(embedding_folder), load_encoder(embedding_folder, precision="bf16")
    expected, found = whole.encode(TEXTS), half.encode(TEXTS)
    assert found.dtype == np.float32
    assert not np.array_equal(found, expected)
    assert (found * expected).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=5e-3)
    assert half.fingerprint == whole.fingerprint


def test_of_a_roberta_the_rows_up_to_its_padding_are_no_positions(roberta_folder):
    encoder = load_encoder(roberta_folder)
    assert encoder.max_length == 20
    assert np.isfinite(encoder.encode(["kira " * 30])).all()
    assert encoder.truncated_texts == 1
    with pytest.raises(ConfigError, match="at most 20"):
        load_encoder(roberta_folder, max_length=21)
