"""A tag for each word: its first subword is labelled and asked, the others are passed over."""

from collections.abc import Sequence
from typing import Any

from transformers import DataCollatorForTokenClassification

from mecelle.evaluation.finetuning.heads.head import Feature, Head
from mecelle.evaluation.finetuning.items import Item, Label

_IGNORED = -100
_UNSEEN = "O"
"""Tag of a word that the model did not see: no entity; as a part of speech it is always wrong."""


class TagHead(Head):
    """The likeliest tag of each word's first subword."""

    model_class = "AutoModelForTokenClassification"

    def learn_labels(self, items: Sequence[Item]) -> None:
        self.labels = sorted({tag for item in items if isinstance(item.label, tuple) for tag in item.label})

    def collator(self, tokenizer: Any) -> Any:
        return DataCollatorForTokenClassification(tokenizer)

    def features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        return [row for row, _ in self._inputs(items, tokenizer)]

    def training_features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        numbers = {label: number for number, label in enumerate(self.labels)}
        features: list[Feature] = []
        for item, (row, firsts) in zip(items, self._inputs(items, tokenizer), strict=True):
            assert isinstance(item.label, tuple), "sentences have a tag per word"
            labels = [_IGNORED] * len(row["input_ids"])
            for word, place in firsts.items():
                labels[place] = numbers[item.label[word]]
            features.append(row | {"labels": labels})
        return features

    def predict(self, model: Any, items: Sequence[Item], tokenizer: Any) -> list[Label]:
        inputs = self._inputs(items, tokenizer)
        outputs = self.outputs(model, [row for row, _ in inputs], tokenizer)
        tags: list[Label] = []
        for item, (_, firsts), output in zip(items, inputs, outputs, strict=True):
            best = output["logits"].argmax(dim=-1).tolist()
            seen = {word: self.labels[best[place]] for word, place in firsts.items()}
            tags.append(tuple(seen.get(word, _UNSEEN) for word in range(len(item.words))))
        return tags

    def _inputs(self, items: Sequence[Item], tokenizer: Any) -> list[tuple[Feature, dict[int, int]]]:
        """Rows, and for each the place of the first subword of every word that was seen."""
        found: list[tuple[Feature, dict[int, int]]] = []
        for item in items:
            encoding = tokenizer(
                list(item.words), is_split_into_words=True, truncation=True, max_length=self.config.max_length
            )
            firsts: dict[int, int] = {}
            for place, word in enumerate(encoding.word_ids()):
                if word is not None:
                    firsts.setdefault(word, place)
            self.shortened += len(item.words) - len(firsts)
            found.append((dict(encoding), firsts))
        return found
