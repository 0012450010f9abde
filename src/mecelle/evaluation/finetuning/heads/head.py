"""What all heads share: the interface, and batches of like length."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from transformers import DataCollatorWithPadding

from mecelle.evaluation.finetuning.config import FineTuningConfig
from mecelle.evaluation.finetuning.items import Item, Label

Feature = dict[str, Any]
"""One row of a batch: lists of token ids, and its labels when it is for training."""


class Head(ABC):
    """One way to use an encoder. Call `learn_labels` before anything else."""

    model_class: str
    """Name of the `AutoModelFor...` of transformers."""

    def __init__(self, config: FineTuningConfig) -> None:
        self.config = config
        self.labels: list[str] = []
        """Classes that can be predicted: those of the training items, sorted."""
        self.shortened = 0
        """Items or words that the model did not see whole, over all features made."""

    @abstractmethod
    def learn_labels(self, items: Sequence[Item]) -> None:
        """Take the classes from the training items."""

    def model_settings(self) -> dict[str, Any]:
        """Keywords of `from_pretrained`."""
        return {"num_labels": len(self.labels)}

    @abstractmethod
    def features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        """Rows without labels, as the model sees them."""

    @abstractmethod
    def training_features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        """Rows with labels."""

    @abstractmethod
    def predict(self, model: Any, items: Sequence[Item], tokenizer: Any) -> list[Label]:
        """A label for each item, in order."""

    def collator(self, tokenizer: Any) -> Any:
        """What makes a batch of features."""
        return DataCollatorWithPadding(tokenizer)

    def outputs(self, model: Any, features: Sequence[Feature], tokenizer: Any) -> list[Any]:
        """The model's output for each row, its tensors without the batch dimension, padded; longest rows first asked.

        features: without labels.
        """
        order = sorted(range(len(features)), key=lambda row: (-len(features[row]["input_ids"]), row))
        found: list[Any] = [None] * len(features)
        model.eval()
        with torch.inference_mode():
            for start in range(0, len(order), self.config.batch_size):
                batch = order[start : start + self.config.batch_size]
                inputs = tokenizer.pad([features[row] for row in batch], padding_side="right", return_tensors="pt")
                output = model(**inputs.to(model.device))
                for place, row in enumerate(batch):
                    found[row] = {name: tensor[place].float().cpu() for name, tensor in _logits(output).items()}
        return found


def _logits(output: Any) -> dict[str, torch.Tensor]:
    return {name: output[name] for name in ("logits", "start_logits", "end_logits") if name in output}
