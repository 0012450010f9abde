"""Exported graphs give the model's vectors; nothing is sent to a hub that does not say what it is."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from mecelle.base.artifacts import read_record
from mecelle.base.errors import ArtifactError, ConfigError
from mecelle.cli.main import app
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.export.onnx import ExportConfig, export_onnx
from mecelle.embedding.export.push import parcel
from mecelle.embedding.model import open_encoder, save_model
from mecelle.embedding.quantise import STORAGE
from mecelle.models.names import load_encoder

TEXTS = ["kira için mahkeme 3", "", "haciz", "MADDE 7 - Bu hâlde noter tarafından miras hakkında karar verilir. " * 9]


@pytest.fixture(scope="module")
def model(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    whole = open_encoder(encoder, EmbeddingConfig(max_length=48, query_prompt="kira "))
    save_model(whole, folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Model\n")
    (folder / "lineage").mkdir()
    (folder / "lineage" / "steps.npy").write_bytes(b"0")
    return folder


@pytest.fixture(scope="module")
def exported(model):
    out = model.with_name("onnx")
    export_onnx(model, out, ExportConfig(int8=True))
    return out


def test_the_graph_gives_the_models_vectors_at_other_shapes(model, exported):
    before, after = load_encoder(model), load_encoder(exported, batch_size=3, threads=1)
    for role in ("query", "document"):
        expected, found = before.encode(TEXTS, role=role), after.encode(TEXTS, role=role)
        np.testing.assert_allclose(found, expected, atol=1e-4)
    assert after.max_length == before.max_length == 48
    assert after.truncated_texts == before.truncated_texts > 0
    assert not np.allclose(before.encode(TEXTS[2:3], role="query"), before.encode(TEXTS[2:3]), atol=1e-3)


def test_the_record_tells_how_near_and_how_small(exported):
    figures = read_record(exported).figures
    assert figures["greatest_difference"] < 1e-4
    assert 0.98 < figures["int8_least_cosine"] < 1
    assert figures["int8_megabytes"] < figures["megabytes"]
    assert not list(exported.rglob("*.safetensors"))
    assert not (exported / "lineage").exists()


def test_it_runs_without_torch(exported):
    code = (
        "import sys, json; sys.modules['torch'] = None\n"
        "from mecelle.models.names import load_encoder\n"
        f"print(json.dumps(load_encoder({str(exported)!r}, threads=1).encode({TEXTS!r}).tolist()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = load_encoder(exported, threads=1).encode(TEXTS)
    np.testing.assert_allclose(json.loads(found.stdout.splitlines()[-1]), expected, atol=1e-5)


def test_a_plain_encoder_leaves_with_its_length_and_without_words_on_storage(encoder, tmp_path):
    """A hub model may keep its limit where only sentence-transformers reads it."""
    plain = tmp_path / "plain"
    shutil.copytree(encoder, plain)
    settings = json.loads((plain / "tokenizer_config.json").read_text())
    del settings["model_max_length"]
    (plain / "tokenizer_config.json").write_text(json.dumps(settings))
    (plain / "README.md").write_text("# Model\n" + STORAGE)
    export_onnx(plain, tmp_path / "out", ExportConfig())
    before, after = load_encoder(plain), load_encoder(tmp_path / "out", threads=1)
    assert after.max_length == before.max_length == 64
    directions = before.encode(TEXTS)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    np.testing.assert_allclose(after.encode(TEXTS), directions, atol=1e-4)
    assert (tmp_path / "out" / "README.md").read_text() == "# Model\n"
    (tmp_path / "out" / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="does not load as an exported model"):
        load_encoder(tmp_path / "out")


def test_a_damaged_graph_is_named(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    (tmp_path / "copy" / "onnx" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ArtifactError, match="does not load as an exported model"):
        load_encoder(tmp_path / "copy")


def test_a_parcel_lists_files_and_licence(model):
    found = parcel(model, "court/legal")
    names = [name for name, _ in found.files]
    assert found.licence == "mit"
    assert {"model.safetensors", "README.md", "tokenizer.json", "modules.json"} <= set(names)
    assert names == sorted(names)
    assert found.total_bytes == sum((model / name).stat().st_size for name in names)


def test_what_lies_in_hidden_folders_stays_at_home(model, tmp_path):
    copy = tmp_path / ".models" / "copy"  # a hidden folder around the model says nothing of its files
    shutil.copytree(model, copy)
    expected = parcel(copy, "court/legal").files
    for hidden in (".git/config", ".cache/huggingface/token", "lineage/.ipynb_checkpoints/a.json", "onnx.partial/b"):
        (copy / hidden).parent.mkdir(parents=True)
        (copy / hidden).write_text("secret")
    assert parcel(copy, "court/legal").files == expected
    assert "lineage/steps.npy" in dict(expected)


@pytest.mark.parametrize(("card", "message"), [(None, "no card"), ("# Model\n", "no licence")])
def test_nothing_is_shared_without_card_and_licence(model, tmp_path, card, message):
    (tmp_path / "model.safetensors").write_bytes(b"0")
    if card:
        (tmp_path / "README.md").write_text(card)
    with pytest.raises(ArtifactError, match=message):
        parcel(tmp_path, "court/legal")
    with pytest.raises(ConfigError, match="expected owner/name"):
        parcel(model, "legal")
    with pytest.raises(ArtifactError, match="no such folder"):
        parcel(tmp_path / "nowhere", "court/legal")


def test_dry_run_sends_nothing(model, monkeypatch):
    import mecelle.embedding.export.push as push

    monkeypatch.setattr(push, "HfApi", lambda: pytest.fail("the hub was asked"))
    (model / "artifact.json").write_text("{}")
    result = CliRunner().invoke(app, ["push", str(model), "court/legal", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "nothing was sent" in result.output
    assert "model.safetensors" in result.output
    assert "artifact.json" not in result.output


def test_what_is_sent_is_the_parcel(model, monkeypatch):
    import mecelle.embedding.export.push as push

    asked = {}

    class Hub:
        def create_repo(self, name, **options):
            asked["repository"] = name, options["private"]

        def upload_folder(self, **options):
            asked.update(options)
            return type("Commit", (), {"repo_url": "https://hub/court/legal"})

    monkeypatch.setattr(push, "HfApi", Hub)
    sent = parcel(model, "court/legal")
    assert push.push(sent) == "https://hub/court/legal"
    assert asked["repository"] == ("court/legal", True)
    assert asked["allow_patterns"] == [name for name, _ in sent.files]


def test_int8_without_onnx_is_refused(model, tmp_path):
    result = CliRunner().invoke(app, ["export", str(model), "--int8", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
