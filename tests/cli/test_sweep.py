import json
from pathlib import Path
from typing import Any


def test_sweep_morphology(mecelle: Any, refused: Any, collection: Path, tmp_path: Path) -> None:
    mecelle("corpus", "extract", collection, "--out", tmp_path / "documents")
    settings = ("--set", "coarse=[0.5]", "--set", "quality.lemma_window=250")
    ended = mecelle("corpus", "sweep", "morphology", tmp_path / "documents", "--out", tmp_path / "sweep", *settings)
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["accounts"]["kept"] == 6
    assert "in stretches of 250 words" in Path(told["summary"]).read_text(encoding="utf-8")
    assert "did you mean 'coarse'" in refused(
        "corpus", "sweep", "morphology", tmp_path / "documents", "--out", tmp_path / "other", "--set", "corse=[0.5]"
    )
