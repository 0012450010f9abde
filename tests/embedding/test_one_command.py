"""A user's table and a base model: one command, a plain sentence-transformers folder with its card."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def mecelle(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "mecelle"), "embedding", "train", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_train_from_a_table(encoder: Path, tmp_path: Path) -> None:
    rows = [f'"{n}. soru, kira",{n}. yanıt,{n + 1}. başka' for n in range(40)]
    (tmp_path / "mine.csv").write_text("soru,yanıt,negative\n" + "\n".join(rows) + "\n", encoding="utf-8")
    settings = [f"--set={one}" for one in ("max_length=32", "most_steps=2", "batch=8", "accumulation=1")]
    done = mecelle("--pairs", "mine.csv", "--base", encoder, *settings, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["out"] == "mine-model"
    model = SentenceTransformer(str(tmp_path / "mine-model"), device="cpu")
    assert model.encode(["kira"]).shape == (1, 32)
    card = (tmp_path / "mine-model" / "README.md").read_text(encoding="utf-8")
    for told in (
        "`given`: 36",
        "multiple_negatives.v1",
        "Begun with encoder",
        "Guide: none",
        "nearest of all",
        "lineage",
    ):
        assert told in card
    record = json.loads((tmp_path / "mine-model.run.json").read_bytes())
    assert record["parameters"]["loss"] == "multiple_negatives.v1"


def test_few_pairs_are_trained_on_in_more_steps_and_the_base_is_told_beside(encoder: Path, tmp_path: Path) -> None:
    rows = [f'"{n}. soru, kira",{n}. yanıt' for n in range(40)]
    (tmp_path / "mine.csv").write_text("soru,yanıt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = mecelle("--pairs", "mine.csv", "--base", encoder, "--set=max_length=32", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "36 pairs: 10 steps in place of 1, by accumulation 1 (usually 4) and 10 epochs (usually 1)" in done.stderr
    record = json.loads((tmp_path / "mine-model.run.json").read_bytes())
    assert (record["parameters"]["accumulation"], record["parameters"]["epochs"]) == (1, 10.0)
    assert record["parameters"]["chunk"] == (None if torch.cuda.is_available() else 16)
    assert record["figures"]["steps"] == 10
    told = json.loads(done.stdout.splitlines()[-1])["held_out"]
    last = json.loads((tmp_path / "mine-model" / "curve.jsonl").read_text().splitlines()[-1])
    assert told["measure"] == "mrr@10"
    assert told["base"]["n"] == told["change"]["n"] == 4
    assert told["trained"]["mean"] == pytest.approx(last["eval_mrr_at_10"], abs=1e-5), "the same held-out pairs"
    assert told["change"]["difference"] == pytest.approx(told["trained"]["mean"] - told["base"]["mean"])
    for words in ("mrr@10 of 4 held-out pairs: base ", told["verdict"]):
        assert words in done.stderr


def test_a_wrong_row_is_told(encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("query,document\nbir,iki\nüç,\n", encoding="utf-8")
    done = mecelle("--pairs", "mine.csv", "--base", encoder, folder=tmp_path)
    assert done.returncode == 2
    assert "mine.csv: row 2: column 'document' is empty" in done.stderr
    done = mecelle("--pairs", "mine.csv", folder=tmp_path)
    assert done.returncode == 2
    assert "--base HUB_ID_OR_FOLDER" in done.stderr
