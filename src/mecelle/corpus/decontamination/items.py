"""Items of evaluation sets: what must not stand in training text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from mecelle.base.collection import read_jsonl
from mecelle.base.config import Config, parse, read_yaml
from mecelle.base.errors import ConfigError, InputError
from mecelle.documents.queries import is_table, read_queries, row_id

Domain = Literal["law", "general", "mathematics"]

MASK = "[MASK]"
TEXT_FIELDS = (
    "query", "question", "sentence", "text", "premise", "hypothesis", "sentence1", "sentence2", "tokens",
)  # fmt: skip


class EvaluationSet(Config):
    """One file of items that are scored."""

    path: Path
    """JSON Lines (also `.gz`, `.zst`) or a CSV table of queries."""
    name: str = ""
    """Name in reports; the file's own where none is given."""
    domain: Domain = "law"
    """What the items are about: mathematics has a stricter rule."""
    fields: tuple[str, ...] = Field(default=TEXT_FIELDS, min_length=1)
    """Where an item's texts may stand: all that are there are looked for, such as both halves of a pair."""
    where: dict[str, str] = Field(default_factory=dict)
    """Only rows with these values, such as {"split": "test"}."""

    @property
    def title(self) -> str:
        """The name, or the file's."""
        return self.name or self.path.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is scored."""

    set: str
    id: str
    text: str
    domain: Domain = "law"
    more: tuple[str, ...] = ()
    """Its other texts, such as the second half of a pair: a document that holds one of them holds the item."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is looked for."""
        return (self.text, *self.more)


def as_set(source: Path | EvaluationSet) -> EvaluationSet:
    """A file alone is a set of law."""
    return source if isinstance(source, EvaluationSet) else EvaluationSet(path=source)


def told_apart(sets: Sequence[EvaluationSet]) -> list[EvaluationSet]:
    """The sets, of which no two have one title: a second `test.jsonl`, of another folder, is `test#2`."""
    often = Counter[str]()
    found = []
    for one in sets:
        often[one.title] += 1
        count = often[one.title]
        found.append(one if count == 1 else one.model_copy(update={"name": f"{one.title}#{count}"}))
    return found


def read_sets(path: Path) -> list[EvaluationSet]:
    """The sets of a YAML list, with paths relative to its folder. Raises ConfigError for another form."""
    rows = read_yaml(path)
    if not isinstance(rows, list):
        raise ConfigError(f"{path}: expected a list of sets, such as - {{path: questions.jsonl, domain: law}}")
    sets = [parse(EvaluationSet, row, where=f"{path}: set {number}") for number, row in enumerate(rows, start=1)]
    return [one.model_copy(update={"path": path.parent / one.path}) for one in sets]


def read_items(sets: Iterable[EvaluationSet]) -> Iterator[Item]:
    """All items of all sets.

    Raises InputError for a file that is absent, empty, or has a row without text: a set that was passed over in
    silence would guard nothing.
    """
    for one in sets:
        found = False
        for name, (text, *more) in _rows(one):
            found = True
            yield Item(one.title, name, text, one.domain, tuple(more))
        if not found:
            chosen = f" with {one.where}" if one.where else ""
            raise InputError(f"{one.path}: no item in it{chosen}; expected the items of an evaluation set")


def _rows(one: EvaluationSet) -> Iterator[tuple[str, list[str]]]:
    """Id and texts of each row, at least one of them."""
    if is_table(one.path):
        yield from ((query.id, [query.query]) for query in read_queries(one.path))
        return
    if not one.path.exists():
        raise InputError(f"{one.path}: no such file; expected an evaluation set as JSON Lines or CSV")
    for number, row in enumerate(read_jsonl(one.path), start=1):
        if not isinstance(row, dict):
            raise InputError(f"{one.path}:{number}: expected an object, found a {type(row).__name__}")
        if any(str(row.get(key)) != value for key, value in one.where.items()):
            continue
        texts = list(dict.fromkeys(_joined(row[name]) for name in one.fields if row.get(name)))
        if not texts:
            wanted, found = ", ".join(one.fields), ", ".join(map(str, row))
            raise InputError(f"{one.path}:{number}: none of the fields {wanted}; found the fields {found}")
        if isinstance(row.get("gold"), str):
            # The filled sentence is what training text would hold.
            texts = [text.replace(MASK, row["gold"]) for text in texts]
        yield row_id(row, f"q{number}"), texts


def _joined(value: Any) -> str:
    """A text, or the tokens of one."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
