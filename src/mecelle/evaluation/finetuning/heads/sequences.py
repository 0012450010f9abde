"""One or two texts, and one class or one number for them."""

from collections.abc import Sequence
from typing import Any

from mecelle.evaluation.finetuning.heads.head import Feature, Head
from mecelle.evaluation.finetuning.items import Item, Label


class _SequenceHead(Head):
    model_class = "AutoModelForSequenceClassification"

    def features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        features: list[Feature] = []
        for item in items:
            texts = (item.text,) if item.second is None else (item.text, item.second)
            whole = tokenizer(*texts, truncation=True, max_length=self.config.max_length)
            # A text that fills the limit was very likely longer; only then is it worth counting.
            if len(whole["input_ids"]) == self.config.max_length:
                self.shortened += len(tokenizer(*texts, verbose=False)["input_ids"]) > self.config.max_length
            features.append(dict(whole))
        return features


class ClassHead(_SequenceHead):
    """The likeliest class."""

    def learn_labels(self, items: Sequence[Item]) -> None:
        self.labels = sorted({str(item.label) for item in items})

    def model_settings(self) -> dict[str, Any]:
        # With two classes transformers would read two logits as what they are, with one as a regression.
        return {"num_labels": max(len(self.labels), 2), "problem_type": "single_label_classification"}

    def training_features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        numbers = {label: number for number, label in enumerate(self.labels)}
        features = self.features(items, tokenizer)
        return [row | {"labels": numbers[str(item.label)]} for row, item in zip(features, items, strict=True)]

    def predict(self, model: Any, items: Sequence[Item], tokenizer: Any) -> list[Label]:
        outputs = self.outputs(model, self.features(items, tokenizer), tokenizer)
        return [self.labels[int(output["logits"][: len(self.labels)].argmax())] for output in outputs]


class ScoreHead(_SequenceHead):
    """A number, learnt by least squares."""

    def learn_labels(self, items: Sequence[Item]) -> None:
        self.labels = ["score"]

    def model_settings(self) -> dict[str, Any]:
        return {"num_labels": 1, "problem_type": "regression"}

    def training_features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        features = self.features(items, tokenizer)
        labels = [float(item.label) for item in items if not isinstance(item.label, tuple)]
        return [row | {"labels": label} for row, label in zip(features, labels, strict=True)]

    def predict(self, model: Any, items: Sequence[Item], tokenizer: Any) -> list[Label]:
        outputs = self.outputs(model, self.features(items, tokenizer), tokenizer)
        return [float(output["logits"][0]) for output in outputs]
