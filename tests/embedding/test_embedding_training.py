"""Training end to end on a tiny model: the artifact, its lineage, exact resume after kill -9, and bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from mecelle.base import artifacts
from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError, InputError, Interrupted, LockedError, MismatchError, TrainingError
from mecelle.base.locks import is_locked
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.guide.build import GuideConfig, cache_guide
from mecelle.embedding.guide.temperature import BOUNDS
from mecelle.embedding.lineage import pairs_of_step, steps_of_document
from mecelle.embedding.pairs.record import Pair, read_pairs, with_negatives, write_pairs
from mecelle.embedding.pairs.split import split
from mecelle.embedding.train import train
from mecelle.embedding.trainer import AskHeldOut

CONFIG = EmbeddingConfig(
    batch=8, chunk=5, accumulation=2, epochs=3.0, learning_rate=1e-3, max_length=32, log_steps=2, evaluation_steps=6,
    dims=(16,),
)  # fmt: skip


@pytest.fixture(scope="session")
def guide(pairs: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("guide") / "guide"
    cache_guide(pairs, out, GuideConfig(model=str(encoder)))
    return out


@pytest.fixture(scope="session")
def embedding(encoder: Path, pairs: Path, guide: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding")
    train(encoder, pairs, guide, folder / "embedding", CONFIG, seed=3, work=folder / "work")
    return folder / "embedding"


def test_loads_in_plain_sentence_transformers(embedding: Path) -> None:
    model = SentenceTransformer(str(embedding), device="cpu")
    vectors = model.encode_document(["Kira bedeli ödenir.", "Nafaka"], show_progress_bar=False)
    assert vectors.shape == (2, 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert model.max_seq_length == 32
    assert "SentenceTransformer(" in (embedding / "README.md").read_text(encoding="utf-8")


def test_learns(embedding: Path) -> None:
    curve = list(read_jsonl(embedding / "curve.jsonl"))
    losses = [row["loss"] for row in curve if "loss" in row]
    asked = [row["eval_mrr_at_10"] for row in curve if "eval_mrr_at_10" in row]
    assert losses[-1] < losses[0] / 2
    assert asked[-1] > 0.9
    assert all(0 <= row["false_negative_share"] < 1 for row in curve if "loss" in row)


def test_the_final_model_is_asked_once_whatever_the_interval(embedding: Path) -> None:
    rows = list(read_jsonl(embedding / "curve.jsonl"))
    assert [row["step"] for row in rows if "eval_mrr_at_10" in row] == [6, 12, 16]


def test_figures_say_what_was_cut_and_seen(embedding: Path, pairs: Path) -> None:
    record = artifacts.read_record(embedding)
    assert record is not None
    assert record.accounts is not None
    tokens = record.figures["tokens"]
    assert tokens["documents"]["mean"] > tokens["queries"]["mean"] > 2
    assert tokens["documents"]["tokens_lost"] == 0
    assert record.accounts.seen == 96 == len(list(read_pairs(pairs)))
    assert record.accounts.dropped["held_out"] == 9


def test_lineage_answers_both_ways(embedding: Path) -> None:
    seen = pairs_of_step(embedding, 1)
    assert len(seen) == 16
    for pair in seen:
        assert 1 in steps_of_document(embedding, pair["document_id"])
    absent = {pair["document_id"] for pair in pairs_of_step(embedding, 2)} - {pair["document_id"] for pair in seen}
    assert absent
    assert all(1 not in steps_of_document(embedding, document) for document in absent)
    with pytest.raises(InputError, match="no step 999"):
        pairs_of_step(embedding, 999)


SCRIPT = """
import sys
from pathlib import Path
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.train import train
from mecelle.embedding.trainer import AskHeldOut
encoder, pairs, guide, out, work, config = sys.argv[1:]
train(Path(encoder), Path(pairs), Path(guide), Path(out), EmbeddingConfig.model_validate_json(config),
      seed=3, work=Path(work))
"""


def test_killed_and_resumed_gives_the_same_bytes(
    embedding: Path, encoder: Path, pairs: Path, guide: Path, tmp_path: Path
) -> None:
    config = CONFIG.model_copy(update={"checkpoint_minutes": 1e-9})  # at every log; no part of the run's key
    out, work = tmp_path / "embedding", tmp_path / "work"
    arguments = [str(path) for path in (encoder, pairs, guide, out, work)]
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments, config.model_dump_json()], env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    try:
        deadline = time.monotonic() + 300
        while len(list(work.glob("*/checkpoints/*/artifact.json"))) < 2 and time.monotonic() < deadline:
            assert child.poll() is None, "ended before it could be killed"
            time.sleep(0.002)
        with pytest.raises(LockedError, match=f"process {child.pid}"):
            train(encoder, pairs, guide, out, config, seed=3, work=work)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not out.exists(), "it finished before it was killed"
    reached = max(int(folder.name) for folder in work.glob("*/checkpoints/*"))
    assert 0 < reached < 16
    train(encoder, pairs, guide, out, config, seed=3, work=work)
    assert not any(map(is_locked, work.glob("*/lock")))
    assert artifacts.hash_input(out) == artifacts.hash_input(embedding)
    final = [max((path.parent / "work").glob("*/checkpoints/*")) for path in (out, embedding)]
    assert _equal(*(torch.load(folder / "optimizer.pt", weights_only=True) for folder in final))


def test_asked_to_stop_saves_the_step_and_goes_on_to_the_same_bytes(
    embedding: Path, encoder: Path, pairs: Path, guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two logs, so that the sums since the last one are part of what must resume."""
    whole, out, work = AskHeldOut.on_step_end, tmp_path / "embedding", tmp_path / "work"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # workers of pytest-xdist ignore it

    def ask(self: AskHeldOut, args: Any, state: Any, control: Any, **more: Any) -> None:
        whole(self, args, state, control, **more)
        if state.global_step == 7:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(AskHeldOut, "on_step_end", ask)
        with pytest.raises(Interrupted, match="Stopped after step 7 of 16, saved up to step 7"):
            train(encoder, pairs, guide, out, CONFIG, seed=3, work=work)
    signal.signal(signal.SIGINT, before)
    assert [folder.name for folder in work.glob("*/checkpoints/*")] == ["00000007"]
    train(encoder, pairs, guide, out, CONFIG, seed=3, work=work)
    assert artifacts.hash_input(out) == artifacts.hash_input(embedding)


def _equal(left: object, right: object) -> bool:
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    if isinstance(left, dict):
        return isinstance(right, dict) and left.keys() == right.keys() and all(_equal(left[k], right[k]) for k in left)
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(_equal, left, right))
    return left == right


def test_finished_training_whose_artifact_was_lost(
    embedding: Path, encoder: Path, pairs: Path, guide: Path, tmp_path: Path
) -> None:
    train(encoder, pairs, guide, tmp_path / "embedding", CONFIG, seed=3, work=embedding.parent / "work")
    assert artifacts.hash_input(tmp_path / "embedding") == artifacts.hash_input(embedding)


def test_info_nce_needs_no_guide_and_the_guide_matters(
    embedding: Path, encoder: Path, pairs: Path, tmp_path: Path
) -> None:
    config = CONFIG.model_copy(update={"loss": "info_nce.v1", "most_steps": 2, "evaluation_pairs": 0})
    train(encoder, pairs, None, tmp_path / "embedding", config, seed=3, work=tmp_path / "work")
    curve = list(read_jsonl(tmp_path / "embedding" / "curve.jsonl"))
    assert [row["step"] for row in curve] == [2]
    assert "false_negative_share" not in curve[0]
    weights = [load_file(folder / "model.safetensors") for folder in (embedding, tmp_path / "embedding")]
    assert not _equal(*weights)
    with pytest.raises(ConfigError, match="needs a guide"):
        train(encoder, pairs, None, tmp_path / "other", CONFIG, seed=3, work=tmp_path / "work")


def test_tokenizer_of_another_model(
    pairs: Path, guide: Path, tmp_path: Path, make_encoder: Callable[[Path], Path]
) -> None:
    folder = make_encoder(tmp_path / "encoder")
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"pad_token_id": 4}))
    with pytest.raises(MismatchError, match="pad_token_id is 0 in the tokenizer and 4 in the model"):
        train(folder, pairs, guide, tmp_path / "out", CONFIG, seed=3, work=tmp_path / "work")
    (folder / "config.json").write_text(json.dumps(settings))
    larger = json.loads((folder / "tokenizer.json").read_text())
    larger["model"]["vocab"]["yeni"] = len(larger["model"]["vocab"])
    (folder / "tokenizer.json").write_text(json.dumps(larger))
    with pytest.raises(MismatchError, match="do not belong together"):
        train(folder, pairs, guide, tmp_path / "out", CONFIG, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "out").exists()


def test_damaged_weights_end_the_training(
    pairs: Path, guide: Path, tmp_path: Path, make_encoder: Callable[[Path], Path]
) -> None:
    from safetensors.torch import save_file

    folder = make_encoder(tmp_path / "encoder")
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.Wo.weight"][0, 0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TrainingError, match="step 1: the loss is nan"):
        train(folder, pairs, guide, tmp_path / "out", CONFIG, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_length": 128}, "was made for 64"),
        ({"dims": (64,)}, "have 32 components"),
        ({"loss": "info_nse.v1"}, "did you mean 'info_nce.v1'"),
    ],
)
def test_settings_beyond_the_model(
    change: dict[str, object], message: str, encoder: Path, pairs: Path, guide: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        train(encoder, pairs, guide, tmp_path / "out", CONFIG.model_copy(update=change), seed=3, work=tmp_path / "work")


def card_of(model: Path) -> str:
    return (model / "README.md").read_text(encoding="utf-8")


def test_a_batch_is_no_larger_than_the_pairs(
    encoder: Path,
    guide: Path,
    make_pairs: Callable[[int], list[Pair]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pairs = tmp_path / "few"
    with artifacts.create(pairs, stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(make_pairs(8), run.folder)
    config = CONFIG.model_copy(update={"batch": 32, "accumulation": 1})
    train(encoder, pairs, guide, tmp_path / "out", config, seed=3, work=tmp_path / "work")
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert record.figures["batch"] == record.figures["pairs_per_step"] == 8
    assert record.figures["note"].startswith("batch 8 instead of 32")
    assert "batch 8 instead of 32" in caplog.text
    assert "Trained in batches of fewer pairs than asked: batch 8" in card_of(tmp_path / "out")


def test_one_pair_is_too_few(
    encoder: Path, guide: Path, make_pairs: Callable[[int], list[Pair]], tmp_path: Path
) -> None:
    pairs = tmp_path / "one"
    with artifacts.create(pairs, stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(make_pairs(1), run.folder)
    with pytest.raises(InputError, match="1 pairs for training; at least 2 with different texts are needed"):
        train(encoder, pairs, guide, tmp_path / "out", CONFIG, seed=3, work=tmp_path / "work")


def test_a_batch_that_processes_cannot_share(
    encoder: Path, pairs: Path, guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ConfigError, match=r"batch 8 cannot be shared by 3 processes .* choose a multiple of 3"):
        train(encoder, pairs, guide, tmp_path / "out", CONFIG, seed=3, work=tmp_path / "work")


def test_training_goes_on_with_the_prompts_of_its_base(encoder: Path, pairs: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(
        update={"loss": "info_nce.v1", "most_steps": 1, "query_prompt": "soru: ", "document_prompt": ""}
    )
    train(encoder, pairs, None, tmp_path / "first", config, seed=3, work=tmp_path / "work")
    later = config.model_copy(update={"query_prompt": None, "document_prompt": None})
    train(tmp_path / "first", pairs, None, tmp_path / "second", later, seed=3, work=tmp_path / "work")
    assert SentenceTransformer(str(tmp_path / "second"), device="cpu").prompts == {"query": "soru: ", "document": ""}
    records = [artifacts.read_record(tmp_path / name) for name in ("first", "second")]
    seen = [record.figures["tokens"]["queries"]["mean"] for record in records if record]
    assert seen[0] == seen[1]  # the prompt counts in both
    assert "Prompts: `soru: ` before queries." in card_of(tmp_path / "second")


def test_a_guide_that_the_loss_does_not_ask_is_not_named(
    encoder: Path, pairs: Path, guide: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = CONFIG.model_copy(update={"loss": "info_nce.v1", "most_steps": 1})
    train(encoder, pairs, guide, tmp_path / "out", config, seed=3, work=tmp_path / "work")
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert record.figures["guide"] is None
    assert "loss 'info_nce.v1' asks no guide" in caplog.text
    assert "Loss `info_nce.v1`, temperature 0.05, peak learning rate" in card_of(tmp_path / "out")
    assert "Guide: none." in card_of(tmp_path / "out")


def test_hard_negatives_are_held_out_too_and_stand_in_the_lineage(
    encoder: Path, make_pairs: Callable[[int], list[Pair]], tmp_path: Path
) -> None:
    made = make_pairs(40)
    given = [
        with_negatives(pair, [(other.document, other.document_id + "-as-negative")])
        for pair, other in zip(made, made[20:] + made[:20], strict=True)
    ]
    with artifacts.create(tmp_path / "pairs", stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs(given, run.folder)
    config = CONFIG.model_copy(update={"loss": "info_nce.v1", "most_steps": 6})
    train(encoder, tmp_path / "pairs", None, tmp_path / "out", config, seed=3, work=tmp_path / "work")
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    training, held = split(given, most=config.evaluation_pairs, seed=3)
    assert {pair.document for pair in held}.isdisjoint(text for pair in training for text in pair.negatives)
    left = sum(len(pair.negatives) for pair in training)
    assert record.figures["negatives_held_out"] == len(training) - left > 0
    named = {one for pair in pairs_of_step(tmp_path / "out", 1) for one in pair.get("negative_ids", ())}
    assert named
    assert all(1 in steps_of_document(tmp_path / "out", one) for one in named)


def test_the_card_says_that_no_gate_looked_at_a_table(
    encoder: Path, make_pairs: Callable[[int], list[Pair]], tmp_path: Path
) -> None:
    table = tmp_path / "pairs.jsonl"
    rows = [json.dumps({"query": pair.query, "document": pair.document}) for pair in make_pairs(16)]
    table.write_text("\n".join(rows), encoding="utf-8")
    config = CONFIG.model_copy(update={"loss": "info_nce.v1", "most_steps": 1})
    train(encoder, table, None, tmp_path / "out", config, seed=3, work=tmp_path / "work")
    assert "no gate looked for questions of evaluations" in card_of(tmp_path / "out")


def test_cut_texts_are_counted(encoder: Path, pairs: Path, guide: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"max_length": 8, "most_steps": 1})
    train(encoder, pairs, guide, tmp_path / "out", config, seed=3, work=tmp_path / "work")
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    documents = record.figures["tokens"]["documents"]
    assert documents["texts_cut"] == documents["texts"]
    assert 0.2 < documents["share_lost"] < 0.9


def test_a_distilled_guide_is_as_sure_as_it_is_right(encoder: Path, pairs: Path, guide: Path, tmp_path: Path) -> None:
    def figures(name: str, **change: Any) -> Any:
        config = CONFIG.model_copy(update={"loss": "distill_ranking.v1", "most_steps": 2, "log_steps": 1, **change})
        train(encoder, pairs, guide, tmp_path / name, config, seed=3, work=tmp_path / "work")
        record = artifacts.read_record(tmp_path / name)
        assert record is not None
        return record.figures

    found = figures("found")["guide_temperature"]
    assert BOUNDS[0] <= found <= BOUNDS[1]
    assert f"guide temperature {found}, " in (tmp_path / "found" / "README.md").read_text(encoding="utf-8")
    assert figures("same", guide_temperature=found)["last"] == figures("found again")["last"]
    assert figures("given", guide_temperature=0.5)["last"] != figures("found again")["last"]
