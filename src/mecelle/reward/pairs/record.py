"""A question with its true answer, and the judged answers made of it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.reward.objectives import OBJECTIVES, Objective

STAGE = "reward-pairs"
TRAINING, HELD_OUT = "training.jsonl.zst", "held_out.jsonl.zst"

Labels = dict[Objective, float | None]
"""0..1 for each objective; None where an objective says nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and a true answer to it."""

    question: str
    reference: str
    """What of the source stands in the prompt beside the question; "" for nothing."""
    answer: str
    document: str
    """Id of the document that it was made of."""


@dataclass(frozen=True, slots=True)
class Example:
    """An answer and how good it is known to be."""

    id: str
    question_id: str
    """Of all answers to one question."""
    kind: str
    """Of the question."""
    question: str
    reference: str
    answer: str
    damages: tuple[str, ...]
    """Names of what was done to the true answer; none for the true answer itself."""
    labels: Labels


def question_id(asked: Asked) -> str:
    """32 hexadecimal digits of question and true answer."""
    return content_hash(f"{asked.question}\x1f{asked.answer}")


def as_row(example: Example) -> dict[str, Any]:
    """The example as JSON has it."""
    return asdict(example)


def read_examples(path: Path, *, held_out: bool = False) -> Iterator[Example]:
    """Examples of an artifact of stage "reward-pairs", or of a JSON Lines file with the same fields.

    A user's own file needs `question`, `answer` and `labels` (objective -> 0..1 or null); answers to the same question
    are compared with each other. Raises InputError that names file and line for a row that is no example.
    """
    if path.is_dir():
        read_marker(path, stage=STAGE)
        path = path / (HELD_OUT if held_out else TRAINING)
    elif not path.exists():
        raise InputError(f"{path}: no such file; expected an artifact of `reward pairs` or a JSON Lines file")
    for number, row in enumerate(read_jsonl(path), start=1):
        yield _example(row, where=f"{path}:{number}")


def _example(row: Any, *, where: str) -> Example:
    texts = isinstance(row, dict) and all(isinstance(row.get(name), str) for name in ("question", "answer"))
    if not texts or not isinstance(row.get("labels"), dict):
        raise InputError(f"{where}: expected an object with the texts 'question' and 'answer', and 'labels'")
    unknown = sorted(set(row["labels"]) - set(OBJECTIVES))
    if unknown:
        raise InputError(f"{where}: unknown objective '{unknown[0]}'; allowed are {', '.join(OBJECTIVES)}")
    labels: Labels = {name: row["labels"].get(name) for name in OBJECTIVES}
    for name, value in labels.items():
        if value is not None and not (isinstance(value, int | float) and 0.0 <= value <= 1.0):
            raise InputError(f"{where}: {name} is {value!r}; allowed is null or a number in 0..1")
    reference = str(row.get("reference") or "")
    return Example(
        id=str(row.get("id") or content_hash(f"{where}\x1f{row['answer']}")),
        question_id=str(row.get("question_id") or content_hash(row["question"])),
        kind=str(row.get("kind") or "given"),
        question=row["question"],
        reference=reference,
        answer=row["answer"],
        damages=tuple(row.get("damages") or ()),
        labels=labels,
    )
