"""What one model scored on one task, with the score of every unit, so that any test can be made later.

RESULTS/<model>/<task>.json, a file for each. A record is written whole or not at all. A run that finds one made of the
same model, data, parameters and task version takes it as it is.
"""

import hashlib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mecelle.base.errors import InputError

Kind = Literal[
    "retrieval",
    "legal retrieval",
    "classification",
    "pair classification",
    "clustering",
    "sts",
    "cloze",
    "masked model",
    "perplexity",
    "efficiency",
    "fine-tuning",
]

SEARCHES: tuple[Kind, ...] = ("retrieval", "legal retrieval")
"""Kinds where a collection is searched."""
ADDITIONS = ("forms", "leakage")
"""Parameters that say which columns were added to a record: the damaged forms, and the training text it was held
against."""
FILES = "*.v[0-9]*.json"
"""Names of records; other JSON (plot data) may lie beside them."""


class TaskRecord(BaseModel):
    """One model on one task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Name by which people call it: a hub id, `package:e5`, a folder's name."""
    fingerprint: str
    """Of the model's weights and settings: two models of one name stay apart."""
    task: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.v[0-9]+$")
    """`name.vN`: a task that is scored otherwise has another version."""
    kind: Kind
    language: str = "tur"
    split: str
    main_score: str
    """Name of the measure that tables print; a key of `scores`."""
    lower_is_better: bool = False
    """Of the main score: True for perplexity, bits per byte, seconds."""
    scores: dict[str, float]
    """Every measure, as fractions of 1 where the measure has a ceiling."""
    unit: str
    """What is drawn again in a bootstrap: "query", "item", "document", "experiment", ..."""
    ids: tuple[str, ...]
    values: tuple[float, ...]
    """Main score of each unit, in the order of `ids`; both empty where a task has no units."""
    clusters: tuple[str, ...] = ()
    """Where units come in groups (masked words of one document), the group of each, in the order of `ids`."""
    weights: dict[str, tuple[float, ...]] = {}
    """What units weigh in a score of the whole, such as the tokens of a document: name -> of each, as `ids` stand."""
    n: int
    seed: int
    parameters: dict[str, Any]
    data: str
    """Hash of the task's data."""
    versions: dict[str, str] = {}
    """Packages that take part in the score."""
    seconds: float = 0.0
    embedding_seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = []
        if self.main_score not in self.scores:
            problems.append(
                f"main score '{self.main_score}' is none of {', '.join(sorted(self.scores)) or 'no scores'}"
            )
        if len(self.ids) != len(self.values):
            problems.append(f"{len(self.ids)} ids for {len(self.values)} values")
        if len(set(self.ids)) != len(self.ids):
            problems.append(f"{len(self.ids) - len(set(self.ids))} ids come twice")
        if self.clusters and len(self.clusters) != len(self.ids):
            problems.append(f"{len(self.clusters)} clusters for {len(self.ids)} ids")
        problems += [
            f"{len(weights)} weights '{name}' for {len(self.ids)} ids"
            for name, weights in self.weights.items()
            if len(weights) != len(self.ids)
        ]
        if self.ids and self.n != len(self.ids):
            problems.append(f"n is {self.n}, but there are {len(self.ids)} ids")
        odd = [name for name, score in self.scores.items() if not math.isfinite(score)]
        if odd or not all(map(math.isfinite, self.values)):
            problems.append(f"scores that are not finite: {', '.join(odd) or 'values'}")
        if problems:
            raise ValueError(f"record of {self.model} on {self.task}: " + "; ".join(problems))
        return self

    @property
    def score(self) -> float:
        """The main score."""
        return self.scores[self.main_score]

    @property
    def conditions(self) -> dict[str, Any]:
        """Parameters under which two records of the same units compare: what was added later does not count, and of
        caps only the size of the collection that was searched, since the others show in `ids`."""
        told = {name: value for name, value in self.parameters.items() if name not in ("caps", *ADDITIONS)}
        documents = self.parameters.get("caps", {}).get("documents") if self.kind in SEARCHES else None
        return _plain(told | ({"documents": documents} if documents else {}))  # type: ignore[no-any-return]

    @property
    def leakage_known(self) -> bool:
        """Whether the model's training text was searched: without it, scores of "untouched" items would be a guess."""
        return bool(self.parameters.get("leakage"))

    def values_of(self, ids: Sequence[str]) -> tuple[float, ...]:
        """Main score of these units, in this order: what pairs two records. Every id must be one of the record's."""
        found = dict(zip(self.ids, self.values, strict=True))
        return tuple(found[name] for name in ids)


def path(folder: Path, model: str, task: str) -> Path:
    """Where the record of (model, task) is kept: FOLDER/<model>/<task>.json, in names that any file system takes."""
    return folder / _slug(model) / f"{task}.json"


def write(record: TaskRecord, folder: Path) -> Path:
    """Write a record in its place, whole or not at all, over an older one; the place is returned."""
    place = path(folder, record.model, record.task)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(place.name + ".partial")
    partial.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    partial.replace(place)
    return place


def read_file(file: Path) -> TaskRecord:
    """One record. Raises InputError if it is none."""
    try:
        return TaskRecord.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{file}: no record of an evaluation ({where + ': ' if where else ''}{first['msg']}); "
            "delete it and evaluate again"
        ) from error


def files(folder: Path) -> list[Path]:
    """Records in a folder of results, or of one model in it, by path. Raises InputError if there are none."""
    found = sorted([*folder.glob(FILES), *folder.glob(f"*/{FILES}")])
    if not found:
        raise InputError(f"{folder}: no records in it; `mecelle evaluate ... --out {folder}` writes them")
    return found


def read(folder: Path) -> list[TaskRecord]:
    """All records of `files`. Raises InputError if there are none, or one cannot be read."""
    return [read_file(file) for file in files(folder)]


def reusable(
    folder: Path,
    *,
    model: str,
    task: str,
    fingerprint: str,
    data: str,
    parameters: Mapping[str, Any],
    seed: int,
    additions: Collection[str] = (),
) -> TaskRecord | None:
    """The record of (model, task) if it was made of exactly this, else None: what cannot be read is made again.

    additions: parameters that are not compared, since they say what was added to the record later.
    """
    record = find(folder, model, task)
    if record is None:
        return None
    asked = (fingerprint, data, _plain(parameters, additions), seed)
    kept = (record.fingerprint, record.data, _plain(record.parameters, additions), record.seed)
    return record if asked == kept else None


def find(folder: Path, model: str, task: str) -> TaskRecord | None:
    """The record of (model, task) if it is there and can be read."""
    file = path(folder, model, task)
    try:
        record = read_file(file) if file.exists() else None
    except InputError:
        return None
    return record if record and (record.model, record.task) == (model, task) else None


def changes(
    folder: Path,
    *,
    model: str,
    task: str,
    fingerprint: str,
    data: str,
    parameters: Mapping[str, Any],
    seed: int,
    additions: Collection[str] = (),
) -> dict[str, tuple[Any, Any]]:
    """Parameter -> (value of the record that is there, value that is asked), where they differ; none without a record,
    or where model or data changed: what is measured then is another thing."""
    record = find(folder, model, task)
    if record is None or (record.fingerprint, record.data) != (fingerprint, data):
        return {}
    before = _flat(_plain(record.parameters, additions)) | {"seed": record.seed}
    now = _flat(_plain(parameters, additions)) | {"seed": seed}
    names = sorted(before.keys() | now.keys())
    return {name: (before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)}


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """`documents` for `caps.documents`: the last part of a key says what it is."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value) if isinstance(value, dict) else {key: value}
    return flat


def _plain(parameters: Mapping[str, Any], without: Collection[str] = ()) -> Any:
    """As JSON gives them back: a tuple that was written comes back as a list."""
    compared = {name: value for name, value in parameters.items() if name not in without}
    return orjson.loads(orjson.dumps(compared, option=orjson.OPT_SORT_KEYS, default=str))


def _slug(name: str) -> str:
    """A name for a file; where letters had to go, a hash keeps two names apart."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")
    return plain if plain == name else f"{plain or 'model'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
