"""A question, and the piece of a context that answers it; long contexts are read in windows."""

from collections.abc import Sequence
from typing import Any

import torch

from mecelle.evaluation.finetuning.heads.head import Feature, Head
from mecelle.evaluation.finetuning.items import Item, Label

_QUESTION_SHARE = 4
"""A question has at most max_length / 4 words, so that a context always has room."""
_NOWHERE = 0
"""Place of the first token: where an answer is that does not stand in the window."""


class AnswerHead(Head):
    """The likeliest span of all windows."""

    model_class = "AutoModelForQuestionAnswering"

    def learn_labels(self, items: Sequence[Item]) -> None:
        self.labels = []

    def model_settings(self) -> dict[str, Any]:
        return {}

    def features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        return [row for item in items for row, _ in self._windows(item, tokenizer)]

    def training_features(self, items: Sequence[Item], tokenizer: Any) -> list[Feature]:
        """One row per window; the answer is where it first stands in the context, since the data does not say."""
        features: list[Feature] = []
        for item in items:
            assert item.second is not None, "questions have a context"
            begin = item.second.index(str(item.label))
            end = begin + len(str(item.label))
            for row, spans in self._windows(item, tokenizer):
                inside = [place for place, (left, right) in spans.items() if left < end and right > begin]
                whole = bool(inside) and spans[inside[0]][0] <= begin and spans[inside[-1]][1] >= end
                first, last = (inside[0], inside[-1]) if whole else (_NOWHERE, _NOWHERE)
                features.append(row | {"start_positions": first, "end_positions": last})
        return features

    def predict(self, model: Any, items: Sequence[Item], tokenizer: Any) -> list[Label]:
        windows = [(number, *window) for number, item in enumerate(items) for window in self._windows(item, tokenizer)]
        outputs = self.outputs(model, [row for _, row, _ in windows], tokenizer)
        best: list[tuple[float, str]] = [(float("-inf"), "")] * len(items)
        for (number, _, spans), output in zip(windows, outputs, strict=True):
            found = best_span(output["start_logits"], output["end_logits"], list(spans), self.config.answer_tokens)
            if found and found[0] > best[number][0]:
                value, first, last = found
                best[number] = value, (items[number].second or "")[spans[first][0] : spans[last][1]]
        return [text for _, text in best]

    def _windows(self, item: Item, tokenizer: Any) -> list[tuple[Feature, dict[int, tuple[int, int]]]]:
        """Rows, and for each the half-open characters of every token of the context."""
        words = item.text.split()
        most = self.config.max_length // _QUESTION_SHARE
        self.shortened += len(words) > most
        encoding = tokenizer(
            " ".join(words[:most]),
            item.second,
            truncation="only_second",
            max_length=self.config.max_length,
            stride=min(self.config.window_overlap, most),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        found: list[tuple[Feature, dict[int, tuple[int, int]]]] = []
        for window, offsets in enumerate(encoding["offset_mapping"]):
            inputs = tokenizer.model_input_names
            row = {name: encoding[name][window] for name in inputs if name in encoding}
            places = enumerate(encoding.sequence_ids(window))
            found.append((row, {place: offsets[place] for place, side in places if side == 1}))
        return found


def best_span(
    start: torch.Tensor, end: torch.Tensor, places: Sequence[int], most_tokens: int
) -> tuple[float, int, int] | None:
    """The span of at most `most_tokens` with the highest sum of logits: value, first and last token, both inclusive.

    start, end: logits, shape (tokens,); places: the tokens that may be in an answer, consecutive. None without any.
    """
    if not places:
        return None
    first, count = places[0], len(places)
    sums = start[first : first + count, None] + end[None, first : first + count]
    allowed = torch.ones_like(sums, dtype=torch.bool).triu().tril(most_tokens - 1)
    sums = sums.masked_fill(~allowed, float("-inf"))
    row, column = divmod(int(sums.argmax()), count)
    return float(sums[row, column]), first + row, first + column
