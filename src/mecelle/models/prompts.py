"""What a model puts before queries and documents."""

from collections.abc import Mapping
from pathlib import Path

import orjson

from mecelle.base.protocols import Role

NAMES: Mapping[Role, tuple[str, ...]] = {"query": ("query",), "document": ("document", "passage", "corpus")}
"""Under which of its prompts a model files a role, first found counts; the names that sentence-transformers knows."""
FILE = "config_sentence_transformers.json"


def by_role(known: Mapping[str, str | None]) -> dict[Role, str]:
    """The prompt of each role among a model's prompts, "" where it has none."""
    return {role: next((known[name] or "" for name in names if name in known), "") for role, names in NAMES.items()}


def prompts_of(folder: Path, *, query: str | None = None, document: str | None = None) -> dict[str, str]:
    """Role -> prompt of the model in `folder`, but for those that are given; a plain Hugging Face folder has none."""
    file = folder / FILE
    own = by_role(orjson.loads(file.read_bytes()).get("prompts") or {} if file.is_file() else {})
    return {
        "query": own["query"] if query is None else query,
        "document": own["document"] if document is None else document,
    }
