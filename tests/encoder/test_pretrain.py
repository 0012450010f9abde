"""Pre-training learns, its model loads in plain transformers, and what cannot be trained is told."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from mecelle.base import artifacts
from mecelle.base.collection import write_documents
from mecelle.base.config import parse
from mecelle.base.document import Document, make_document
from mecelle.base.errors import ArtifactError, ConfigError, InputError, MismatchError, TrainingError
from mecelle.encoder import pretrain as module
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import BERT_SMOKE, SMOKE
from mecelle.encoder.vocabulary import load_vocabulary
from mecelle.training.inputs import longest_text
from mecelle.training.lineage import Lineage
from mecelle.training.pretraining_trainer import PretrainingTrainer

CONFIG = EncoderConfig(
    shape=SMOKE,
    sequence_length=64,
    budget_tokens=64 * 16 * 40,
    tokens_per_step=64 * 16,
    rows_per_batch=16,
    learning_rate=5e-3,
    evaluation_rows=16,
    evaluations=4,
    logs=10,
    checkpoint_minutes=60,
    precision="fp32",
)


@pytest.fixture(scope="module")
def trained(collection: Path, tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    pretrain(collection, tokenizer, folder / "encoder", CONFIG, seed=3, work=folder / "work")
    return folder / "encoder"


def curve(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "curve.jsonl").read_bytes().splitlines()]


def test_it_learns(trained: Path) -> None:
    points = curve(trained)
    assert [point["step"] for point in points] == list(range(4, 41, 4))
    assert set(points[0]) == {"step", "tokens", "train_loss", "lr", "grad_norm"}
    evaluated = [point for point in points if "eval_loss" in point]
    assert len(evaluated) == 4 or len(evaluated) == 5
    assert evaluated[-1]["step"] == 40
    assert evaluated[-1]["eval_loss"] < points[0]["train_loss"] - 0.5
    assert 0.05 < evaluated[-1]["eval_accuracy"] < 1
    tokens = [point["tokens"] for point in points]
    assert 0.9 * 40 * 1024 < tokens[-1] <= 40 * 1024
    assert tokens == sorted(tokens)


def test_it_loads_in_plain_transformers(trained: Path) -> None:
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)
    assert type(model).__name__ == "ModernBertForMaskedLM"
    assert model.config.architectures == ["ModernBertForMaskedLM"]
    assert not model.config.sparse_prediction
    encoded = tokenizer("mahkeme [MASK] davacı", return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        assert model(**encoded).logits.isfinite().all()


def test_the_tokenizer_asks_for_what_was_trained(trained: Path, tokenizer: Path, tmp_path: Path) -> None:
    """Not for the 1,024 positions of the shape, which sentence-transformers would read."""
    assert AutoTokenizer.from_pretrained(tokenizer).model_max_length > SMOKE.positions  # it says nothing
    loaded = AutoTokenizer.from_pretrained(trained)
    assert loaded.model_max_length == CONFIG.sequence_length
    # A model that goes on has learnt more already, or learns more now; without a word it is as long as it claims.
    shutil.copy(trained / "config.json", tmp_path)
    for own, expected in ((16, 64), (512, 512), (4_096, 1_024), (10**30, 1_024)):
        loaded.model_max_length = own
        loaded.save_pretrained(tmp_path)
        assert longest_text(CONFIG.sequence_length, tmp_path, positions=SMOKE.positions) == expected


@pytest.mark.parametrize(("positions", "warned"), [(128, True), (64, False)])
def test_learned_positions_that_no_row_reaches_are_told(
    collection: Path, tokenizer: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, positions: int, warned: bool
) -> None:
    shape = BERT_SMOKE.model_copy(update={"positions": positions})
    short = CONFIG.model_copy(update={"shape": shape, "budget_tokens": 64 * 16})
    pretrain(collection, tokenizer, tmp_path / "encoder", short, seed=3, work=tmp_path / "work")
    assert ("shape.positions 128: rows of 64 tokens never train" in caplog.text) == warned


def test_record_and_lineage(trained: Path, collection: Path) -> None:
    artifacts.verify(trained)
    record = artifacts.read_record(trained)
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.seen == 60
    assert record.accounts.dropped["held_out"] >= 1
    lineage = Lineage(trained)
    assert lineage.steps == 40
    seen = {document for step in range(1, 41) for document in lineage.documents_of(step)}
    assert len(seen) == record.accounts.kept  # 40 steps are several epochs
    speed = record.figures["speed"]
    assert 0 < speed["tokens_per_second"] < speed["median_tokens_per_second"]
    document = min(seen)
    assert lineage.steps_of(document) == [s for s in range(1, 41) if document in lineage.documents_of(s)]


def test_same_seed_same_bytes_other_seed_others(
    trained: Path, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    short = CONFIG.model_copy(update={"budget_tokens": 64 * 16 * 4})
    hashes = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        pretrain(collection, tokenizer, tmp_path / name, short, seed=seed, work=tmp_path / "work" / name)
        hashes.append(artifacts.read_marker(tmp_path / name).files["model.safetensors"].sha256)
    assert hashes[0] == hashes[1] != hashes[2]


def test_evaluation_leaves_the_generator_of_training_alone(
    collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, untouched = PretrainingTrainer.evaluate, []

    def watched(self: PretrainingTrainer, *_: Any, **__: Any) -> dict[str, float]:
        before = torch.get_rng_state()
        metrics = whole(self)
        untouched.append(torch.equal(before, torch.get_rng_state()))
        return metrics

    monkeypatch.setattr(PretrainingTrainer, "evaluate", watched)
    short = CONFIG.model_copy(update={"budget_tokens": 64 * 16 * 2})
    pretrain(collection, tokenizer, tmp_path / "encoder", short, seed=3, work=tmp_path / "work")
    assert untouched
    assert all(untouched)


def test_loss_that_is_no_number_stops_the_run(
    collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = module.PackedMaskedLM.forward

    def broken(self: Any, **batch: Any) -> Any:
        output = whole(self, **batch)
        output.loss = output.loss * float("nan")
        return output

    monkeypatch.setattr(module.PackedMaskedLM, "forward", broken)
    with pytest.raises(TrainingError, match="step 1: the loss is nan"):
        pretrain(collection, tokenizer, tmp_path / "encoder", CONFIG, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "encoder").exists()
    assert not list((tmp_path / "work").glob("*/checkpoints/*"))


def test_tokenizer_without_mask_is_refused(
    collection: Path, documents: list[Document], make_tokenizer: Callable[..., Any], tmp_path: Path
) -> None:
    texts = [document.text for document in documents]
    special = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    make_tokenizer(texts, **special).save_pretrained(tmp_path / "tokenizer")
    with pytest.raises(MismatchError, match="no mask_token"):
        pretrain(collection, tmp_path / "tokenizer", tmp_path / "encoder", CONFIG, seed=3, work=tmp_path / "work")


def test_folder_without_a_tokenizer_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="nowhere: does not load as a tokenizer"):
        load_vocabulary(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"optimizer": "adam.v1"}, "optimizer 'adam.v1'"),
        ({"schedule": "linear.v1"}, "schedule 'linear.v1'"),
        ({"masking": {"tokens.v1": 1.0}}, "masking 'tokens.v1'"),
    ],
)
def test_unknown_names_are_told_before_the_text_is_packed(
    change: dict[str, Any], words: str, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    config = CONFIG.model_copy(update=change)
    with pytest.raises(ConfigError, match=words):
        pretrain(collection, tokenizer, tmp_path / "encoder", config, seed=3, work=tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_terms_without_their_masking_are_told(
    documents: list[Document], tokenizer: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_documents(documents, tmp_path / "unchecked")
    (tmp_path / "terms.txt").write_text("temyiz\n", encoding="utf-8")
    with pytest.raises(MismatchError):  # not checked against it; the warning comes before any work
        pretrain(
            tmp_path / "unchecked", tokenizer, tmp_path / "o", CONFIG, seed=3, work=tmp_path / "w",
            terms=[tmp_path / "terms.txt"], evaluation=[tmp_path / "terms.txt"],
        )  # fmt: skip
    assert "terms: 1 lists without effect, since masking has no keyword.v1" in caplog.text


def test_an_average_without_steps_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"average_decay 0\.9: no effect while average_share is 0"):
        parse(EncoderConfig, {"average_decay": 0.9}, where="params.yaml")


def test_held_out_rows_with_nothing_to_predict_are_told(
    documents: list[Document], tokenizer: Path, tmp_path: Path
) -> None:
    """At most a tenth is held out: the shorter of two documents, which is one token."""
    shortest = make_document("d", kind="decision", source="test:short")
    write_documents([documents[0], shortest], tmp_path / "documents")
    few = CONFIG.model_copy(update={"budget_tokens": 64 * 16})
    with pytest.raises(TrainingError, match="held-out rows are too short"):
        pretrain(tmp_path / "documents", tokenizer, tmp_path / "o", few, seed=3, work=tmp_path / "w")


def test_nothing_but_texts_too_short_to_mask_is_told_as_such(tokenizer: Path, tmp_path: Path) -> None:
    """And not as a loss that is no number: a step without a label has none."""
    short = [make_document(letter, kind="decision", source=f"test:{letter}") for letter in "ab"]
    write_documents(short, tmp_path / "documents")
    few = CONFIG.model_copy(update={"budget_tokens": 64 * 16})
    with pytest.raises(TrainingError, match="held-out rows are too short"):
        pretrain(tmp_path / "documents", tokenizer, tmp_path / "o", few, seed=3, work=tmp_path / "w")


def test_artifact_of_another_stage_is_refused(tokenizer: Path, documents: list[Document], tmp_path: Path) -> None:
    write_documents(documents, tmp_path / "index" / "documents")
    artifacts.mark(tmp_path / "index", stage="index", version=1)
    with pytest.raises(ArtifactError, match="made by stage 'index'"):
        pretrain(tmp_path / "index", tokenizer, tmp_path / "encoder", CONFIG, seed=3, work=tmp_path / "work")


def test_a_collection_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no documents"):
        pretrain(tmp_path / "nowhere", "no/tokenizer", tmp_path / "out", EncoderConfig(), seed=1, work=tmp_path)
