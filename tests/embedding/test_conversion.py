"""Decoders turned encoders: they look both ways, and load without Mecelle."""

import json
import shutil

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

from mecelle.base.artifacts import read_record
from mecelle.base.errors import ConfigError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.conversion.convert import ConversionConfig, convert
from mecelle.embedding.conversion.probe import least_effect_of_last_token
from mecelle.embedding.derived import front_matter
from mecelle.embedding.model import open_encoder

SIZES = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 64,
}  # fmt: skip
TEXTS = ["kira için mahkeme 3", "haciz"]


def decoder(folder, encoder, kind):
    """A tiny decoder with the tokenizer of the tiny encoder, but without a padding token."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(encoder)
    torch.manual_seed(0)
    settings, model = {"qwen3": (Qwen3Config, Qwen3ForCausalLM), "llama": (LlamaConfig, LlamaForCausalLM)}[kind]
    tokenizer.pad_token = None
    tokenizer.eos_token = "[SEP]"
    model(settings(vocab_size=len(tokenizer), **SIZES)).save_pretrained(folder)
    tokenizer.chat_template = "{{ messages }}"
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def converted(encoder, tmp_path_factory):
    place = tmp_path_factory.mktemp("converted")
    source = decoder(place / "qwen", encoder, "qwen3")
    convert(source, place / "out", ConversionConfig(max_length=48, licence="apache-2.0"))
    return source, place / "out"


def test_a_later_token_changes_an_earlier_state(converted):
    from transformers import AutoModel

    source, out = converted
    assert least_effect_of_last_token(AutoModel.from_pretrained(source)) == 0
    assert least_effect_of_last_token(AutoModel.from_pretrained(out)) > 1e-3
    assert least_effect_of_last_token(AutoModel.from_pretrained(out, attn_implementation="eager")) > 1e-3


def test_padding_changes_nothing(converted):
    model = SentenceTransformer(str(converted[1]), device="cpu")
    together = model.encode(TEXTS)
    np.testing.assert_allclose(together, np.stack([model.encode(text) for text in TEXTS]), atol=1e-5)


def test_weights_are_the_decoders_and_the_projection_is_the_identity(converted):
    source, out = converted
    before = Qwen3ForCausalLM.from_pretrained(source).model.state_dict()
    model = SentenceTransformer(str(out), device="cpu")
    after = model[0].auto_model.state_dict()
    assert set(before) == set(after)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(model[2].linear.weight, torch.eye(32))
    assert model[2].linear.bias is None
    assert isinstance(model[2].activation_function, torch.nn.Identity)
    assert "lm_head" not in " ".join(after)


def test_its_folder_names_no_code_of_ours(converted):
    modules = json.loads((converted[1] / "modules.json").read_text())
    assert [module["type"].partition(".")[0] for module in modules] == ["sentence_transformers"] * 4
    settings = json.loads((converted[1] / "config.json").read_text())
    assert settings["is_causal"] is False
    assert "auto_map" not in settings


def test_the_trainer_takes_it_and_gradients_reach_all_of_it(converted):
    model = open_encoder(converted[1], EmbeddingConfig(max_length=32, dims=(16,)))
    features = model.preprocess(TEXTS)
    model.train()
    vectors = model(features)["sentence_embedding"]
    (vectors[0] @ vectors[1]).backward()
    without = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.abs().any()]
    assert without == []


def test_llama_too_and_the_record_tells(encoder, tmp_path):
    source = decoder(tmp_path / "llama", encoder, "llama")
    convert(source, tmp_path / "out", ConversionConfig(max_length=64, projection=False))
    assert [type(module).__name__ for module in SentenceTransformer(str(tmp_path / "out"), device="cpu")] == [
        "Transformer", "Pooling", "Normalize",
    ]  # fmt: skip
    figures = read_record(tmp_path / "out").figures
    assert figures["architecture"] == "LlamaModel"
    assert figures["effect_of_last_token"] > 0


def test_an_architecture_that_passes_over_the_config_is_refused(converted, tmp_path, monkeypatch):
    import mecelle.embedding.conversion.convert as module

    monkeypatch.setattr(module, "least_effect_of_last_token", lambda _: 0.0)
    with pytest.raises(ConfigError, match="Qwen3Model looks back alone"):
        convert(converted[0], tmp_path / "out", ConversionConfig(max_length=32))


def test_max_length_beyond_the_positions_is_refused(converted, tmp_path):
    with pytest.raises(ConfigError, match=r"length 65 .* at most 64"):
        convert(converted[0], tmp_path / "out", ConversionConfig(max_length=65))


def test_prompts_of_the_model_stay(converted, tmp_path):
    from transformers import AutoModel, AutoTokenizer

    from mecelle.embedding.conversion.convert import save_as_encoder
    from mecelle.models.prompts import prompts_of

    named = tmp_path / "named"
    convert(converted[0], named, ConversionConfig(max_length=48, query_prompt="soru: "))
    transformer, tokenizer = AutoModel.from_pretrained(named), AutoTokenizer.from_pretrained(named)
    save_as_encoder(transformer, tokenizer, tmp_path / "again", ConversionConfig(max_length=48), base=named)
    assert prompts_of(tmp_path / "again") == {"query": "soru: ", "document": ""}


def test_the_card_names_a_model_of_the_hub_by_its_id(converted, tmp_path, monkeypatch):
    """Not by the folder of the hub's cache, nor by the model that it was made of itself."""
    cached = tmp_path / "models--a--b" / "snapshots" / "0123abcd"
    shutil.copytree(converted[0], cached)
    (cached / "README.md").write_text("---\nlicense: cc-by-4.0\nbase_model: x/ancestor\n---\n")
    for module in ("embedding.conversion.convert", "embedding.derived"):
        monkeypatch.setattr(f"mecelle.{module}.find_folder", lambda _: cached)
    convert("a/b", tmp_path / "out", ConversionConfig(max_length=48))
    front = front_matter(tmp_path / "out")
    assert (front["base_model"], front["license"]) == ("a/b", "cc-by-4.0")
    assert "Made with Mecelle out of a/b (licence: cc-by-4.0)" in (tmp_path / "out" / "README.md").read_text()
