"""Entities by an encoder with a token classifier on it: any folder that transformers loads, with B-/I-/O labels."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import torch

from mecelle.base.errors import ArtifactError, require
from mecelle.models.folders import find_folder
from mecelle.models.loading import told_when_unloadable
from mecelle.models.quiet import quiet
from mecelle.segmentation.entities.kinds import KINDS, Kind
from mecelle.segmentation.entities.spans import Span
from mecelle.text.sentences import sentence_spans

OUTSIDE: Final = "O"
_WORD = re.compile(r"\w+(?:['’./\-]\w+)*|\.{2,}|[^\w\s]")
"""As the NER set cuts: suffixes, numbers and dates stay whole, other marks stand alone."""
_OVERLAP_TOKENS = 32
Tagged = tuple[str, float]
"""A tag and its probability."""


class EntityTagger:
    """Reads sentences one by one, each word by its first subword, and long ones in overlapping windows."""

    def __init__(self, place: str | Path, *, max_length: int = 256, batch_size: int = 16) -> None:
        """place: folder or hub id. max_length: tokens of a window.

        Raises ArtifactError if it is no token classifier whose labels are of `KINDS`.
        """
        library = require("transformers", extra="train", why="Finding entities by an encoder")
        folder = find_folder(place)
        with quiet(), told_when_unloadable(folder, "a token classifier"):
            self._tokenizer = library.AutoTokenizer.from_pretrained(str(folder), add_prefix_space=True)
            self._model = library.AutoModelForTokenClassification.from_pretrained(str(folder), dtype=torch.float32)
        self._model.eval()
        names = self._model.config.id2label
        self.tags = [names[number] for number in range(len(names))]
        strange = sorted({tag for tag in self.tags if tag != OUTSIDE and tag[2:] not in KINDS})
        if strange:
            raise ArtifactError(
                f"{folder}: label '{strange[0]}' is no kind of entity; labels are O and B- or I- before one of "
                f"{', '.join(KINDS)} (config.json, id2label)"
            )
        self.max_length, self.batch_size = max_length, batch_size

    def find(self, text: str) -> list[Span]:
        """Entities of a text of any length, sorted and disjoint; confidence is the mean over the words of each."""
        sentences = [
            [(start + match.start(), start + match.end()) for match in _WORD.finditer(text[start:end])]
            for start, end in sentence_spans(text)
        ]
        tagged = self.read([[text[start:end] for start, end in words] for words in sentences])
        found = [span for words, tags in zip(sentences, tagged, strict=True) for span in spans_of(words, tags)]
        # The set labels the dots that courts write for names; as an entity of a text they say nothing.
        return [span for span in found if any(map(str.isalnum, text[span.start : span.end]))]

    def read(self, sentences: Sequence[Sequence[str]]) -> list[list[Tagged]]:
        """The likeliest tag of each word of each sentence."""
        found: list[list[Tagged]] = [[(OUTSIDE, 1.0)] * len(words) for words in sentences]
        order = sorted(range(len(sentences)), key=lambda number: (-len(sentences[number]), number))
        for first in range(0, len(order), self.batch_size):
            numbers = [number for number in order[first : first + self.batch_size] if sentences[number]]
            if numbers:
                self._read_batch([sentences[number] for number in numbers], [found[number] for number in numbers])
        return found

    @torch.inference_mode()
    def _read_batch(self, sentences: list[Sequence[str]], found: list[list[Tagged]]) -> None:
        """Write the tags of a few sentences into `found`; of two windows over a word the first counts."""
        windows: Any = self._tokenizer(
            [list(words) for words in sentences], is_split_into_words=True, truncation=True, padding=True,
            max_length=self.max_length, stride=_OVERLAP_TOKENS, return_overflowing_tokens=True, return_tensors="pt",
        )  # fmt: skip
        sentence_of = windows.pop("overflow_to_sample_mapping").tolist()
        # A sentence may have a thousand windows: a table, or a scan without full stops.
        parts = [
            self._model(**{name: rows[at : at + self.batch_size] for name, rows in windows.items()}).logits
            for at in range(0, len(sentence_of), self.batch_size)
        ]
        chances, best = torch.cat(parts).softmax(dim=-1).max(dim=-1)
        seen: set[tuple[int, int]] = set()
        for window, sentence in enumerate(sentence_of):
            for place, word in enumerate(windows.word_ids(window)):
                if word is not None and (sentence, word) not in seen:
                    seen.add((sentence, word))
                    found[sentence][word] = self.tags[int(best[window, place])], float(chances[window, place])


def spans_of(words: Sequence[tuple[int, int]], tags: Sequence[Tagged]) -> list[Span]:
    """Entities of a tagged sentence. An I- that continues nothing begins an entity.

    >>> spans_of([(0, 5), (6, 9), (10, 14)], [("B-person", 0.9), ("I-person", 0.7), ("O", 1.0)])
    [Span(start=0, end=9, kind='person', confidence=0.8)]
    """
    groups: list[list[int]] = []
    for at, (tag, _) in enumerate(tags):
        goes_on = tag.startswith("I-") and at > 0 and tags[at - 1][0][2:] == tag[2:]
        if goes_on:
            groups[-1].append(at)
        elif tag != OUTSIDE:
            groups.append([at])
    return [
        Span(
            words[group[0]][0],
            words[group[-1]][1],
            cast(Kind, tags[group[0]][0][2:]),
            round(sum(tags[at][1] for at in group) / len(group), 4),
        )
        for group in groups
    ]
