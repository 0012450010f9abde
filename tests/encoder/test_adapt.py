"""A model goes on with new text and a new tokenizer, loads in plain transformers, and resumes to the same bytes."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertForMaskedLM, RobertaConfig

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, MismatchError
from mecelle.encoder import adapt as module
from mecelle.encoder.adapt import AdaptConfig, adapt
from mecelle.encoder.initial import packed_initial
from mecelle.encoder.packed_model import plain_model
from mecelle.encoder.pretrain import pretrain
from mecelle.encoder.shapes import BERT_SMOKE, MECELLEM_BASE, SMOKE, model_config
from mecelle.encoder.transfer.stage import TransferConfig
from mecelle.encoder.vocabulary import load_vocabulary
from mecelle.training.averaging import average
from mecelle.training.pretraining_trainer import PretrainingTrainer

CONFIG = AdaptConfig(
    sequence_length=64,
    budget_tokens=64 * 8 * 8,
    tokens_per_step=64 * 8,
    rows_per_batch=8,
    evaluation_rows=8,
    evaluations=2,
    logs=4,
    checkpoint_minutes=60,
    checkpoint_steps=2,
    precision="fp32",
)


@pytest.fixture(scope="module")
def general(make_tokenizer: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained BERT with a tokenizer of its own."""
    folder = tmp_path_factory.mktemp("general")
    words = "mahkeme karar davacı kira deniz güneş çocuk yağmur şehir hafta bahçe jale föyü zurna okul ağaç pencere"
    make_tokenizer([words]).save_pretrained(folder)
    _, vocabulary = load_vocabulary(folder)
    torch.manual_seed(0)
    config = model_config(BERT_SMOKE, vocabulary=vocabulary.size, special_ids=vocabulary.special_ids)
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


def test_adapted_with_a_new_tokenizer_and_resumed(
    general: Path, collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(name: str) -> None:
        adapt(general, collection, tmp_path / name, CONFIG, seed=3, work=tmp_path / "work" / name, tokenizer=tokenizer)

    run("whole")
    step = PretrainingTrainer.training_step

    def torn(self: PretrainingTrainer, *rest: Any) -> torch.Tensor:
        if self.state.global_step == 5:
            raise KeyboardInterrupt
        return step(self, *rest)

    monkeypatch.setattr(PretrainingTrainer, "training_step", torn)
    with pytest.raises(KeyboardInterrupt):
        run("torn")
    monkeypatch.setattr(PretrainingTrainer, "training_step", step)
    monkeypatch.setattr("mecelle.encoder.adapt.transfer", None)  # found, not made again
    run("torn")
    assert artifacts.read_marker(tmp_path / "torn").hash == artifacts.read_marker(tmp_path / "whole").hash

    model, loaded = AutoModelForMaskedLM.from_pretrained(tmp_path / "torn"), AutoTokenizer.from_pretrained(tokenizer)
    assert type(model) is BertForMaskedLM
    assert model.config.vocab_size == len(loaded)
    assert AutoTokenizer.from_pretrained(tmp_path / "torn").get_vocab() == loaded.get_vocab()
    assert model.get_output_embeddings().weight.data_ptr() == model.get_input_embeddings().weight.data_ptr()
    record = artifacts.read_record(tmp_path / "torn")
    assert record is not None
    assert record.figures["transfer"]["inputs"]["model"]["path"] == str(general)
    assert 0 < record.figures["transfer"]["overlap"]["running_share"] < 1
    assert record.parameters["shape"]["family"] == "bert"


def test_without_a_tokenizer_the_model_keeps_its_own_and_its_weights(
    general: Path, collection: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    still = CONFIG.model_copy(update={"learning_rate": 1e-12, "budget_tokens": 512})
    adapt(general, collection, tmp_path / "out", still, seed=3, work=tmp_path / "work")
    assert AutoTokenizer.from_pretrained(tmp_path / "out").model_max_length == BERT_SMOKE.positions  # it claims as many
    before, after = (AutoModelForMaskedLM.from_pretrained(folder) for folder in (general, tmp_path / "out"))
    for name, weight in before.state_dict().items():
        torch.testing.assert_close(after.state_dict()[name], weight, atol=1e-6, rtol=0)
    # What pre-training made is a model to go on from, too, and so is a mean of such.
    average([tmp_path / "out", tmp_path / "out"], tmp_path / "mean")
    ignored = still.model_copy(update={"shape": MECELLEM_BASE, "transfer": TransferConfig(sampled_documents=1)})
    adapt(tmp_path / "mean", collection, tmp_path / "on", ignored, seed=4, work=tmp_path / "work")
    assert "transfer: without effect, since no tokenizer is given" in caplog.text
    assert "shape: without effect, since training goes on from" in caplog.text


def test_what_is_trained_of_a_model_in_bf16_is_saved_in_fp32(general: Path, tmp_path: Path) -> None:
    BertForMaskedLM.from_pretrained(general).bfloat16().save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(general).save_pretrained(tmp_path)
    trained = packed_initial(tmp_path)
    with torch.no_grad():
        for weight in trained.parameters():
            weight.mul_(1 + 1e-5)  # a step of training: less than bf16 can tell
    saved = plain_model(trained)
    assert saved.dtype == torch.float32
    assert all(torch.equal(weight, trained.state_dict()[name]) for name, weight in saved.state_dict().items())


def test_two_runs_share_one_transfer(
    general: Path, collection: Path, tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def slow(model: Path, tokenizer: Path, out: Path, *_: Any, **__: Any) -> None:
        with artifacts.create(out, stage="transfer", version=1, parameters={}, inputs={}, seed=3):
            made.append(out)
            time.sleep(0.2)

    monkeypatch.setattr(module, "transfer", slow)
    monkeypatch.setattr(module, "pretrain", lambda *_, **__: None)
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(
                adapt, general, collection, tmp_path / name, CONFIG, seed=3, work=tmp_path / "w", tokenizer=tokenizer
            )
            for name in ("one", "other")
        ]
        for run in runs:
            run.result()
    assert len(made) == 1


def test_another_kind_of_model_is_refused_before_its_vocabulary_is_transferred(
    collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    RobertaConfig().save_pretrained(tmp_path / "roberta")
    with pytest.raises(MismatchError, match="only modernbert and bert can be trained further"):
        adapt(
            tmp_path / "roberta", collection, tmp_path / "o", CONFIG, seed=3, work=tmp_path / "w", tokenizer=tokenizer
        )


def test_initial_of_another_vocabulary_is_refused(
    general: Path, collection: Path, tokenizer: Path, tmp_path: Path
) -> None:
    with pytest.raises(MismatchError, match=r"80 tokens\) and .*80 tokens\): not one vocabulary.*encoder adapt"):
        pretrain(collection, tokenizer, tmp_path / "o", CONFIG, seed=3, work=tmp_path / "w", initial=general)


def test_rows_longer_than_the_model_reads_are_refused(general: Path, collection: Path, tmp_path: Path) -> None:
    assert SMOKE.positions == BERT_SMOKE.positions == 1024
    long = CONFIG.model_copy(update={"sequence_length": 2048, "tokens_per_step": 2048 * 8})
    with pytest.raises(ConfigError, match=r"goes on from .*sequence_length 2048 exceeds shape.positions 1024"):
        adapt(general, collection, tmp_path / "out", long, seed=3, work=tmp_path / "work")
