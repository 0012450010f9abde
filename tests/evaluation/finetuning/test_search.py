"""A search from data to record: it learns, is resumed, is taken as it is, and scores the test once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import torch
from transformers import BertConfig, BertModel

from mecelle.base.errors import ArtifactError, ConfigError
from mecelle.evaluation.finetuning import search
from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.encoders import find_encoder
from mecelle.evaluation.finetuning.heads import head_for
from mecelle.evaluation.finetuning.items import FineTuningTask, Item, Parts
from mecelle.evaluation.finetuning.readers import classes
from mecelle.evaluation.finetuning.search import fine_tune
from mecelle.evaluation.finetuning.summary import grid_edges, table
from mecelle.evaluation.record import TaskRecord

WriteRows = Callable[[str, Sequence[Any]], Path]
CONFIG = FineTuningConfig(
    learning_rates=(1e-6, 5e-3), epochs=8, train_items=64, dev_items=32, test_items=32, max_length=16, precision="fp32"
)


@pytest.fixture
def task(write_rows: WriteRows) -> FineTuningTask:
    """Good or bad, as one word says."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(160):
        label = "iyi" if number % 2 else "kötü"
        words = [label, *rng.choice(["film", "bir", "dedi", "karar", "verdi"], size=6)]
        split = "train" if number < 80 else "dev" if number < 120 else "test"
        rows.append({"text": " ".join(rng.permutation(words)), "label": label, "split": split})
    write_rows("rows.jsonl", rows)
    return FineTuningTask("good.v1", "CLF", "rows.jsonl", classes, "a note")


def test_it_learns_chooses_and_is_not_done_again(
    task: FineTuningTask, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    encoder, out, work = find_encoder("tiny", tiny_encoder), tmp_path / "out", tmp_path / "work"

    def run() -> TaskRecord:
        return fine_tune(encoder, task, tmp_path, out, CONFIG, seed=7, work=work)

    real, runs, predicted = search.run_trial, [], []

    def counted(*args, **kwargs):
        runs.append(args[5])
        if len(runs) == 2:
            raise KeyboardInterrupt  # between two trials
        return real(*args, **kwargs)

    monkeypatch.setattr(search, "run_trial", counted)
    with pytest.raises(KeyboardInterrupt):
        run()
    real_score = search.score
    monkeypatch.setattr(search, "score", lambda *args: predicted.append(1) or real_score(*args))
    record = run()
    assert runs == [1e-6, 5e-3, 5e-3]  # the first trial was not repeated
    assert len(predicted) == 1  # the test, once
    assert record.scores["chosen_learning_rate"] == 5e-3
    assert record.scores["macro_f1"] > 0.9
    assert record.scores["macro_f1.low"] <= record.score <= record.scores["macro_f1.high"]
    assert record.n == len(record.values) == 32
    assert not any(work.rglob("*.safetensors"))
    assert run() == record
    assert len(runs) == 3


def test_equal_seeds_give_equal_scores_and_fresh_weights_another_encoder(
    task: FineTuningTask, tiny_encoder: Path, tmp_path: Path
):
    config = CONFIG.model_copy(update={"learning_rates": (5e-3,), "epochs": 1})
    encoders = [
        find_encoder("a", tiny_encoder),
        find_encoder("b", tiny_encoder),
        find_encoder("c", f"random:{tiny_encoder}"),
    ]
    records = [fine_tune(e, task, tmp_path, tmp_path / "out", config, seed=7, work=tmp_path / "w") for e in encoders]
    assert records[0].values == records[1].values
    assert records[0].scores == records[1].scores
    assert records[0].fingerprint == records[1].fingerprint != records[2].fingerprint


def test_long_items_are_fewer():
    items = [Item(str(number), "a", "x" * (20 if number % 2 else 60)) for number in range(200)]
    config = CONFIG.model_copy(update={"train_items": 50, "item_characters": 30})
    parts, again = (search.capped(Parts(train=list(items)), config, seed=7) for _ in range(2))
    read = sum(item.characters for item in parts.train)
    assert 50 * 30 - 60 < read <= 50 * 30
    assert parts.train == again.train == sorted(parts.train, key=lambda item: int(item.id))
    all_of_them = search.capped(Parts(train=list(items)), CONFIG.model_copy(update={"train_items": 50}), seed=7)
    assert len(all_of_them.train) == 50


@pytest.mark.parametrize("kind", ["STS", "NER", "QA"])
def test_every_head_trains(kind: str, tiny_encoder: Path, tmp_path: Path):
    from mecelle.evaluation.finetuning.trial import run_trial

    items = {
        "STS": [Item(str(n), float(n % 2), "film bir", "iyi" if n % 2 else "kötü") for n in range(16)],
        "NER": [Item(str(n), ("O", "B-LOC"), words=("mahkeme", "ankara")) for n in range(16)],
        "QA": [Item(str(n), "ankara", "nerede", "mahkeme ankara karar") for n in range(16)],
    }[kind]
    config = CONFIG.model_copy(update={"epochs": 12})
    head = head_for(kind, config)
    head.learn_labels(items)
    encoder = find_encoder("tiny", tiny_encoder)
    trial, _ = run_trial(encoder, kind, head, items, items, 5e-3, config, folder=tmp_path, seed=7)
    assert max(trial.dev) > 0.9
    assert trial.steps == 12


def test_a_missing_layer_is_refused_and_so_are_packages(tiny_encoder: Path, tmp_path: Path):
    broken = tmp_path / "broken"
    config = BertConfig.from_pretrained(tiny_encoder)
    model = BertModel(config)
    state = {name: tensor for name, tensor in model.state_dict().items() if "layer.0.output" not in name}
    model.save_pretrained(broken, state_dict=state)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (broken / name).write_bytes((tiny_encoder / name).read_bytes())
    head = head_for("CLF", CONFIG)
    head.learn_labels([Item("1", "a"), Item("2", "b")])
    with pytest.raises(ArtifactError, match="weights of the encoder are missing"):
        find_encoder("broken", broken).model(head, seed=1)
    with pytest.raises(ConfigError, match="cannot be fine-tuned"):
        find_encoder("use", "package:use")


def test_fresh_weights_differ_from_the_trained_and_follow_the_seed(tiny_encoder: Path):
    head = head_for("CLF", CONFIG)
    head.learn_labels([Item("1", "a"), Item("2", "b")])
    trained, fresh = find_encoder("t", tiny_encoder), find_encoder("f", f"random:{tiny_encoder}")

    def weights(encoder, seed) -> tuple[torch.Tensor, torch.Tensor]:
        model = encoder.model(head, seed=seed)
        return model.bert.embeddings.word_embeddings.weight, model.classifier.weight

    assert torch.equal(weights(trained, 1)[0], weights(trained, 2)[0])
    assert not torch.equal(weights(trained, 1)[1], weights(trained, 2)[1])
    assert torch.equal(weights(fresh, 1)[0], weights(fresh, 1)[0])
    assert not torch.equal(weights(fresh, 1)[0], weights(trained, 1)[0])


def test_the_table_is_a_mean_of_types_over_shared_tasks():
    def record(model: str, task: str, kind: str, score: float, rate: float = 2e-4) -> TaskRecord:
        fields = {
            "model": model, "fingerprint": "f", "task": f"finetune_{task}.v1", "kind": "fine-tuning", "split": "test",
            "main_score": "m", "scores": {"m": score, "m.error": 0.03, "chosen_learning_rate": rate},
            "unit": "item", "ids": (), "values": (), "n": 0, "seed": 7,
            "parameters": {"type": kind, "learning_rates": [1e-4, 2e-4, 3e-4]}, "data": "d",
        }  # fmt: skip
        return TaskRecord.model_validate_json(orjson.dumps(fields))

    records = [
        record("a", "x", "CLF", 0.2), record("a", "y", "CLF", 0.4), record("a", "z", "POS", 0.9),
        record("b", "x", "CLF", 0.6, 3e-4), record("b", "y", "CLF", 0.6, 3e-4), record("b", "z", "POS", 1.0, 1e-4),
        record("b", "only_b", "QA", 0.0),
    ]  # fmt: skip
    rows, shared = table(records)
    assert shared == ["finetune_x.v1", "finetune_y.v1", "finetune_z.v1"]
    assert list(rows) == ["b", "a"]
    assert {name: found.value for name, found in rows["a"].items()} == pytest.approx(
        {"CLF": 0.3, "POS": 0.9, "Overall": 0.6}
    )
    # Independent errors: of two tasks .03 / sqrt(2), of the mean with one of .03 half the root of both squares.
    assert rows["a"]["CLF"].error == pytest.approx(0.03 / 2**0.5)
    assert rows["a"]["Overall"].error == pytest.approx((0.03**2 / 2 + 0.03**2) ** 0.5 / 2)
    assert rows["a"]["POS"].text() == ".900 ±.059"
    assert rows["b"]["POS"].text() == "1.000 ±.059"
    edges = grid_edges(records)
    assert edges["a"] == "the lowest learning rate won 0, the highest 0 of 3 times"
    assert edges["b"] == "the lowest learning rate won 1, the highest 2 of 4 times"
