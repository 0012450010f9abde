"""A model in 8 bits, its card, and its way back to an ordinary folder; the commands that make models out of models."""

import shutil

import numpy as np
import orjson
import pytest
from sentence_transformers import SentenceTransformer
from typer.testing import CliRunner

from mecelle.base.artifacts import read_record
from mecelle.base.errors import ConfigError
from mecelle.cli.main import app
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.derived import front_matter, name_and_licence
from mecelle.embedding.model import open_encoder, save_model
from mecelle.embedding.quantise import QuantiseConfig, quantise
from mecelle.models import int8


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(int8, "CACHE", tmp_path / "cache")


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("quantise") / "model"
    save_model(open_encoder(encoder, EmbeddingConfig(max_length=32)), folder)
    (folder / "README.md").write_text("---\nlanguage: tr\n---\n# Mine\n")
    return folder


@pytest.mark.parametrize("name", ["package:mecelle", "package:e5", "package:smollm2"])
def test_a_packaged_base_is_called_by_its_public_name_and_licence(name, monkeypatch, tmp_path):
    if name != "package:mecelle":  # whose folders are made of weights alone
        monkeypatch.setattr("mecelle.embedding.derived.find_folder", lambda _: tmp_path)
    public = {"package:smollm2": ("HuggingFaceTB/SmolLM2-135M-Instruct", "apache-2.0")}
    assert name_and_licence(name) == public.get(name, ("intfloat/multilingual-e5-small", "mit"))


def test_a_base_is_called_by_its_card_or_its_own_name(model, tmp_path, monkeypatch):
    assert name_and_licence(model) == ("model", None)
    (tmp_path / "README.md").write_text("---\nlicense: cc-by-4.0\nbase_model: x/ancestor\n---\n")
    monkeypatch.setattr("mecelle.embedding.derived.find_folder", lambda _: tmp_path)
    assert name_and_licence("a/b") == ("a/b", "cc-by-4.0")  # of the hub: its own name, not its ancestor's
    assert name_and_licence(tmp_path) == ("x/ancestor", "cc-by-4.0")


def test_the_card_keeps_its_text_and_gains_licence_and_storage(model, tmp_path):
    texts = tmp_path / "texts.jsonl"
    texts.write_bytes(b"\n".join(orjson.dumps({"text": f"kira mahkeme {n}"}) for n in range(9)))
    quantise(model, tmp_path / "small", QuantiseConfig(licence="mit", base_name="a/b"), seed=1, texts=[texts])
    assert front_matter(tmp_path / "small") == {"language": "tr", "license": "mit", "base_model": "a/b"}
    card = (tmp_path / "small" / "README.md").read_text()
    assert "# Mine" in card
    assert "## Storage" in card
    figures = read_record(tmp_path / "small").figures
    assert figures["passages"] == 9
    assert 0.99 < figures["least_cosine"] < 1.00001
    assert figures["megabytes"] < figures["megabytes_before"]


def test_a_model_that_is_too_large_is_refused(model, tmp_path):
    with pytest.raises(ConfigError, match="most_megabytes"):
        quantise(model, tmp_path / "small", QuantiseConfig(most_megabytes=0.001), seed=1)
    assert not (tmp_path / "small").exists()


def test_export_writes_a_folder_that_plain_sentence_transformers_loads(model, tmp_path):
    run = CliRunner()
    for command in (
        ["embedding", "quantise", str(model), "--out", str(tmp_path / "small")],
        ["export", str(tmp_path / "small"), "--out", str(tmp_path / "plain")],
    ):
        result = run.invoke(app, command)
        assert result.exit_code == 0, result.output
    before, after = (SentenceTransformer(str(one), device="cpu") for one in (model, tmp_path / "plain"))
    assert (before.encode("kira haciz") @ after.encode("kira haciz")) > 0.995
    assert not np.array_equal(before.encode("kira"), after.encode("kira"))
    assert "## Storage" not in (tmp_path / "plain" / "README.md").read_text()


def test_merge_takes_method_and_weight(model, tmp_path):
    both = ["embedding", "merge", str(model), str(model), "--out", str(tmp_path / "m")]
    result = CliRunner().invoke(app, [*both, "--method", "linear", "--weight", ".25"])
    assert result.exit_code == 0, result.output
    assert read_record(tmp_path / "m").parameters["weight"] == 0.25
    wrong = CliRunner().invoke(app, ["embedding", "merge", "x", "y", "--method", "ties", "--out", str(tmp_path / "n")])
    assert wrong.exit_code == 2


def test_every_command_tells_its_keys():
    for name in ("convert", "adapt", "merge", "prune", "quantise", "static", "late"):
        result = CliRunner().invoke(app, ["embedding", name, "--help"])
        assert result.exit_code == 0, result.output
        assert "licence=" in result.output


def test_the_small_model_reads_as_many_tokens_as_it_is_told(model, tmp_path):
    quantise(model, tmp_path / "small", QuantiseConfig(max_length=24), seed=1)
    int8.unpack(tmp_path / "small", tmp_path / "plain")
    assert SentenceTransformer(str(tmp_path / "plain"), device="cpu").max_seq_length == 24
    older = tmp_path / "older"  # as sentence-transformers before 6 saved it
    shutil.copytree(model, older)
    settings = orjson.loads((older / "sentence_bert_config.json").read_bytes())
    (older / "sentence_bert_config.json").write_bytes(orjson.dumps(settings | {"max_seq_length": 32}))
    quantise(older, tmp_path / "small-older", QuantiseConfig(max_length=24), seed=1)
    int8.unpack(tmp_path / "small-older", tmp_path / "plain-older")
    assert SentenceTransformer(str(tmp_path / "plain-older"), device="cpu").max_seq_length == 24
    with pytest.raises(ConfigError, match="positions"):
        quantise(model, tmp_path / "again", QuantiseConfig(max_length=100_000), seed=1)
