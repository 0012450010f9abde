"""Words of a treebank with what a probe must tell of them: their case, their number, their part of speech.

Example (case): "davacının" in "Davalı davacının evini satmıştır ." -> "Gen".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError
from mecelle.base.protocols import Span
from mecelle.base.seeds import generator

Property = Literal["case", "number", "part_of_speech"]
PROPERTIES: tuple[Property, ...] = get_args(Property)

NOMINAL = {"NOUN", "PROPN"}
"""Whose case and number are asked: those of a verb or an adjective say something else."""
NO_WORDS = {"PUNCT", "SYM", "X"}
TEST_SHARE = 0.25
"""Of the sentences; no sentence is on both sides."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence, and its labels by property; none where a property says nothing of it."""

    form: str
    labels: Mapping[Property, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a treebank."""

    id: str
    words: tuple[Word, ...]

    def text_and_spans(self) -> tuple[str, list[Span]]:
        """The words joined by spaces, and where each stands."""
        text, spans = "", []
        for word in self.words:
            start = len(text) + 1 if text else 0
            text = f"{text} {word.form}" if text else word.form
            spans.append((start, len(text)))
        return text, spans


@dataclass(frozen=True, slots=True)
class Drawn:
    """The words of one side of one probe."""

    places: tuple[tuple[int, int], ...]
    """Sentence (by its number) and word (by its number in it)."""
    labels: tuple[str, ...]
    forms: tuple[str, ...]


def read_sentences(path: Path) -> list[Sentence]:
    """Sentences of a file of words: JSON Lines {form, upos, feats, id, sent, tb}, in file order; copies are left out.

    A multiword token (`upos` "MWT", id "3-4") stands in the text as it is written, without labels, and its parts do
    not. Raises InputError that names the row if a field is missing, or if there is no sentence.
    """
    found: dict[tuple[str, ...], Sentence] = {}
    for (tree, sentence), rows in groupby(_rows(path), key=lambda row: (row["tb"], row["sent"])):
        words = tuple(_words(rows))
        found.setdefault(tuple(word.form for word in words), Sentence(f"{tree}:{sentence}", words))
    if len(found) < 2:
        raise InputError(f"{path}: {len(found)} sentences; a probe needs some to learn from and others to be scored on")
    return list(found.values())


def draw(
    sentences: Sequence[Sentence], prop: Property, *, most: int, part: Literal["train", "test"], seed: int
) -> Drawn:
    """Up to `most` words with a label, from sentences in an order drawn by the seed, the same for all properties.

    Raises InputError if there is none.
    """
    order = generator(seed, "probing", "sentences").permutation(len(sentences)).tolist()
    cut = max(1, round(TEST_SHARE * len(order)))
    chosen = order[:cut] if part == "test" else order[cut:]
    places = [
        (number, place)
        for number in chosen
        for place, word in enumerate(sentences[number].words)
        if prop in word.labels
    ][:most]
    if not places:
        raise InputError(f"none of {len(chosen)} sentences for {part} has a word with {prop.replace('_', ' ')}")
    words = [sentences[number].words[place] for number, place in places]
    return Drawn(tuple(places), tuple(word.labels[prop] for word in words), tuple(word.form for word in words))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected words of a treebank as JSON Lines")
    for number, row in enumerate(read_jsonl(path), start=1):
        missing = [name for name in ("form", "upos", "feats", "id", "sent", "tb") if name not in row]
        if missing:
            raise InputError(f"{path}:{number}: no {', '.join(missing)}; expected a word of a treebank")
        yield row


def _words(rows: Iterator[dict[str, Any]]) -> Iterator[Word]:
    inside = 0  # last part of the multiword token that is being read
    for row in rows:
        if row["upos"] == "MWT":
            inside = int(row["id"].partition("-")[2])
            yield Word(row["form"], {})
        elif "." not in row["id"] and int(row["id"]) > inside:
            yield Word(row["form"], _labels(row))


def _labels(row: Mapping[str, Any]) -> dict[Property, str]:
    features = dict(part.partition("=")[::2] for part in row["feats"].split("|"))
    labels: dict[Property, str] = {} if row["upos"] in NO_WORDS else {"part_of_speech": row["upos"]}
    if row["upos"] in NOMINAL:
        asked: tuple[tuple[Property, str], ...] = (("case", "Case"), ("number", "Number"))
        labels |= {prop: features[name] for prop, name in asked if name in features}
    return labels
