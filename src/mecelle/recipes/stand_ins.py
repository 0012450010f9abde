"""Small labelled files made from the bundled sample by rule, so that every stage of a recipe can be shown to run.

They stand in for NLI and STS sets in form alone: a model learns little from them, and no figure of them means anything.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.collection import read_jsonl
from mecelle.text.words import words

LEAST_WORDS = 8
MOST_GRADE = 5.0
KEPT_SHARES = (1.0, 0.75, 0.5, 0.25)
"""Of the words of a sentence, in graded pairs."""


def write_stand_ins(articles: Path, folder: Path) -> None:
    """Write nli.jsonl and sts.jsonl into `folder`. articles: rows with `text`."""
    texts = [" ".join(str(row["text"]).split()) for row in read_jsonl(articles)]
    usable = [text for text in dict.fromkeys(texts) if len(words(text)) >= LEAST_WORDS]
    for name, rows in (("nli", _entailed(usable)), ("sts", _graded(usable))):
        lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        (folder / f"{name}.jsonl").write_bytes(lines)


def _entailed(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The first half of a text follows from it; that of the next one does not."""
    for text, other in zip(texts, [*texts[1:], texts[0]], strict=True):
        yield {"premise": text, "hypothesis": _beginning(text, 0.5), "label": "entailment"}
        yield {"premise": text, "hypothesis": _beginning(other, 0.5), "label": "contradiction"}


def _graded(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    for place, text in enumerate(texts):
        share = KEPT_SHARES[place % len(KEPT_SHARES)]
        other = texts[(place + 1) % len(texts)]
        changed = f"{_beginning(text, share)} {_beginning(other, 1 - share)}".strip()
        yield {"sentence1": text, "sentence2": changed, "score": MOST_GRADE * share}


def _beginning(text: str, share: float) -> str:
    pieces = text.split()
    return " ".join(pieces[: round(share * len(pieces))])
