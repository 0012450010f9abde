"""Conversations to be judged, from a file."""

from pathlib import Path

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError
from mecelle.reward.conversation import Conversation


def read_conversations(path: Path) -> list[Conversation]:
    """JSON Lines of `question`, `answer` and, if wanted, `reference`.

    Raises InputError that names file and line for a row without the first two, and for a file without rows.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected JSON Lines with 'question' and 'answer'")
    found = []
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("question", "answer")):
            raise InputError(f"{path}:{number}: expected an object with the texts 'question' and 'answer'")
        found.append(Conversation(row["question"], row["answer"], str(row.get("reference") or "")))
    if not found:
        raise InputError(f"{path}: nothing to judge in it; expected JSON Lines with 'question' and 'answer'")
    return found
