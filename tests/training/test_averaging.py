"""The mean of models, and the running mean of a training, are the means that they say."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from torch import Tensor, nn
from torch.utils.data import TensorDataset
from transformers import (
    AutoModelForMaskedLM,
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from mecelle.base import artifacts
from mecelle.base.errors import ArtifactError, InputError, MismatchError, TrainingError
from mecelle.training.averaging import average
from mecelle.training.callbacks import WholeCheckpoints
from mecelle.training.checkpoints import Checkpoints, open_work
from mecelle.training.running_average import RunningAverage

SIZES = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12}


def save_model(folder: Path, *, seed: int, words: int = 20, **changes: Any) -> Path:
    """A BERT with random weights and a tokenizer of `words` words."""
    torch.manual_seed(seed)
    BertForMaskedLM(BertConfig(vocab_size=words, max_position_embeddings=8, **SIZES, **changes)).save_pretrained(folder)
    vocabulary = {"[UNK]": 0} | {f"w{number}": number for number in range(1, words)}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]").save_pretrained(folder)
    return folder


def test_average_is_the_mean_in_float64_with_the_head_tied(tmp_path: Path) -> None:
    folders = [save_model(tmp_path / str(seed), seed=seed) for seed in range(3)]
    average(folders, tmp_path / "mean")
    loaded = [AutoModelForMaskedLM.from_pretrained(folder).state_dict() for folder in folders]
    mean = AutoModelForMaskedLM.from_pretrained(tmp_path / "mean")
    for name, weight in mean.state_dict().items():
        wanted = torch.stack([state[name].double() for state in loaded]).mean(0).float()
        assert torch.equal(weight, wanted), name
    assert mean.get_output_embeddings().weight is mean.get_input_embeddings().weight
    assert type(mean) is BertForMaskedLM
    assert (tmp_path / "mean" / "tokenizer.json").read_bytes() == (folders[0] / "tokenizer.json").read_bytes()
    assert artifacts.read_marker(tmp_path / "mean").stage == "average"


def test_average_has_the_same_bytes_again(tmp_path: Path) -> None:
    folders = [save_model(tmp_path / str(seed), seed=seed) for seed in range(2)]
    hashes = set()
    for name in ("one", "two"):
        average(folders, tmp_path / name)
        hashes.add(artifacts.read_marker(tmp_path / name).hash)
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer_norm_eps": 1e-5}, "layer_norm_eps is 1e-12 and 1e-05"),
        ({"words": 21}, "their vocabularies differ"),
    ],
)
def test_models_that_do_not_belong_together_are_refused(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    folders = [save_model(tmp_path / "a", seed=0), save_model(tmp_path / "b", seed=1, **change)]
    with pytest.raises(MismatchError, match=words):
        average(folders, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_same_configuration_with_other_words_is_refused(tmp_path: Path) -> None:
    folders = [save_model(tmp_path / "a", seed=0), save_model(tmp_path / "b", seed=1)]
    path = folders[1] / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["w1"], vocabulary["w2"] = vocabulary["w2"], vocabulary["w1"]
    path.write_text(json.dumps(tokenizer))
    with pytest.raises(MismatchError, match="vocabularies differ"):
        average(folders, tmp_path / "mean")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such model folder"):
        average([save_model(tmp_path / "a", seed=0), tmp_path / "b"], tmp_path / "mean")


def test_a_model_without_some_of_its_weights_is_refused(tmp_path: Path) -> None:
    """A mean of what was never trained would look like any other."""
    folders = [save_model(tmp_path / str(seed), seed=seed) for seed in range(2)]
    path = folders[1] / "model.safetensors"
    weights = load_file(path)
    lost = next(name for name in weights if name.endswith("intermediate.dense.weight"))
    save_file({name: weight for name, weight in weights.items() if name != lost}, path, metadata={"format": "pt"})
    with pytest.raises(ArtifactError, match=r"1 weights are missing, such as 'bert\..*intermediate"):
        average(folders, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_one_model_is_no_mean(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two or more"):
        average([tmp_path], tmp_path / "mean")


class Line(nn.Module):
    """Returns a loss, as the Trainer wants it."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"loss": self.linear(x).square().mean()}


class Recorder(TrainerCallback):
    """Keeps the weights after each step."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def on_step_end(self, *_: Any, model: Any, **__: Any) -> None:
        self.seen.append(model.linear.weight.detach().clone())


def train(checkpoints: Checkpoints, *, steps: int, **settings: Any) -> tuple[Line, RunningAverage, list[Tensor]]:
    """`steps` steps, from the latest checkpoint on; a checkpoint after each second step."""
    model, recorder, running = Line(), Recorder(), RunningAverage(checkpoints, **settings)
    rows = TensorDataset(torch.randn(64, 3, generator=torch.Generator().manual_seed(1)))
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(checkpoints.writing), max_steps=steps, per_device_train_batch_size=4, save_strategy="no",
            learning_rate=0.1, lr_scheduler_type="constant", logging_steps=1, use_cpu=True, report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=rows,
        data_collator=lambda batch: {"x": torch.stack([row[0] for row in batch])},
        callbacks=[recorder, running, WholeCheckpoints(checkpoints, minutes=60, steps=2)],
    )  # fmt: skip
    latest = checkpoints.latest()
    trainer.train(resume_from_checkpoint=str(latest) if latest else None)
    return model, running, recorder.seen


def test_running_average_is_the_mean_of_the_late_steps(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="a test") as checkpoints:
        model, running, seen = train(checkpoints, steps=8, first_step=4)
    assert running.count == 5
    running.write_into(model)
    torch.testing.assert_close(model.linear.weight.detach(), torch.stack(seen[3:]).mean(0))
    assert not torch.allclose(model.linear.weight, seen[-1], rtol=1e-4)


def test_moving_average_forgets_at_its_rate(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="a test") as checkpoints:
        model, running, seen = train(checkpoints, steps=6, first_step=4, decay=0.75)
    running.write_into(model)
    wanted = 0.75 * (0.75 * seen[3] + 0.25 * seen[4]) + 0.25 * seen[5]
    torch.testing.assert_close(model.linear.weight.detach(), wanted)


def test_running_average_goes_on_from_a_checkpoint_bit_by_bit(tmp_path: Path) -> None:
    settings = {"first_step": 3}
    with open_work(tmp_path / "whole", doing="a test") as checkpoints:
        _, whole, _ = train(checkpoints, steps=8, **settings)
    with open_work(tmp_path / "killed", doing="a test") as checkpoints:
        train(checkpoints, steps=4, **settings)
        _, resumed, seen = train(checkpoints, steps=8, **settings)
    assert len(seen) == 4  # it did go on, and not start anew
    assert resumed.count == whole.count == 6
    assert all(torch.equal(left, right) for left, right in zip(whole.weights, resumed.weights, strict=True))


def test_there_is_no_average_before_the_first_step(tmp_path: Path) -> None:
    with open_work(tmp_path, doing="a test") as checkpoints:
        model, running, _ = train(checkpoints, steps=2, first_step=3)
    with pytest.raises(TrainingError, match="no step from 3 on"):
        running.write_into(model)
