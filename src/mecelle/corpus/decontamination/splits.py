"""Documents of the development and test splits (docs/splits.json), and the copies that stand for them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError


def held_out_source_ids(splits: Path | None) -> frozenset[str]:
    """Source ids of the decisions of all splits but "train", and of their copies (`decision_copies`).

    Raises InputError if the file is absent, no JSON, or has no decisions.
    """
    if splits is None:
        return frozenset()
    try:
        content = orjson.loads(splits.read_bytes())
        scored = {one for split, ids in content["decisions"].items() if split != "train" for one in ids}
        return frozenset(scored | content.get("decision_copies", {}).keys())
    except FileNotFoundError:
        raise InputError(f"{splits}: no such file; make it with the splits command, or leave splits out") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{splits}: {error!r}; expected {{'decisions': {{'development': [source ids], 'test': [...]}}, ...}}"
        ) from None


def held_out_copies(clusters: Path, held_out: frozenset[str]) -> dict[str, str]:
    """Id of each document that shares a cluster with a held-out one -> source id of that one.

    Deduplication may have kept the copy and dropped the held-out document itself. An exact cluster's representative
    may be a member of a near cluster, so the word is passed on until nothing changes.
    """
    rows = list(read_jsonl(clusters)) if held_out and clusters.exists() else []
    copies: dict[str, str] = {}
    changed = True
    while changed:
        changed = False
        for members in (row["members"] for row in rows):
            cause = next(_causes(members, held_out, copies), None)
            new = [member["id"] for member in members if member["id"] not in copies] if cause else []
            copies |= dict.fromkeys(new, str(cause))
            changed = changed or bool(new)
    return copies


def _causes(members: Iterable[Any], held_out: frozenset[str], copies: dict[str, str]) -> Iterator[str]:
    for member in members:
        if member["source_id"] in held_out:
            yield member["source_id"]
        elif member["id"] in copies:
            yield copies[member["id"]]
