"""Which token of a new tokenizer is which of an old one, across WordPiece, byte-level BPE and SentencePiece.

Two tokenizers of one spelling: a match is an equal entry (`##de` and `##de`).
Two spellings: a match stands for the same text (NFC; case counts) in the same place. What is marked with the space
before it (`Ġkarar`, `▁karar`), or lacks the `##` of WordPiece, begins a word; all else stands inside one. What has no
letter in it matches in the other place too, if that alone is known; and a lone mark of WordPiece is taken to follow a
word without a space (`,` is the `,` of BPE rather than its `Ġ,`).
Special tokens match by their role, whatever they are called, and those without a role, as all added tokens, by name.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from mecelle.tokenizer.measure.spelling import SPACE, Spelling, spelling_of

ROLES = ("cls", "sep", "pad", "mask", "unk", "bos", "eos")
STAND_INS = {"cls": "bos", "sep": "eos", "bos": "cls", "eos": "sep"}
"""Role that serves where a tokenizer lacks one: both frame a text."""
NONE = -1
"""The origin of a token that the old tokenizer does not have."""


class Form(NamedTuple):
    """What an entry stands for, however it is spelled."""

    text: str
    begins: bool
    """Whether it begins a word."""


@dataclass(frozen=True)
class Entries:
    """The vocabulary of a tokenizer as it is spelled."""

    entries: list[str]
    """By id."""
    added: dict[str, int]
    """Special and other added tokens, which no spelling marks."""
    spelling: Spelling
    marks_spaces: bool
    """Whether a space belongs to the token after it."""

    def form(self, identity: int) -> Form | None:
        """What a token stands for; None for parts of characters, and for what is nothing but a space.

        `</w>` tells where a word ends, not where it begins: such entries have no form.
        """
        entry = self.entries[identity]
        text = self.spelling.text(entry)
        if not text or self.spelling.word_end:
            return None
        if self.marks_spaces:
            begins = self.spelling.readable(entry).startswith(SPACE)
        else:
            begins = not (self.spelling.continuing and entry.startswith(self.spelling.continuing))
            begins &= any(map(str.isalnum, text))  # a mark mostly follows a word without a space
        return Form(unicodedata.normalize("NFC", text), begins)


def read_entries(tokenizer: Any) -> Entries:
    """The vocabulary of a fast tokenizer of transformers."""
    spelling = spelling_of(orjson.loads(tokenizer.backend_tokenizer.to_str()))
    entries = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    added = {token.content: identity for identity, token in tokenizer.added_tokens_decoder.items()}
    shown = (spelling.readable(entry) for entry in entries if entry not in added)
    return Entries(entries, added, spelling, marks_spaces=any(entry.startswith(SPACE) for entry in shown))


def match(old: Any, new: Any) -> NDArray[np.int64]:
    """For each id of `new` the id of the same token in `old`, or NONE; shape (tokens of new,).

    old, new: fast tokenizers of transformers. A special token without a counterpart gets none.
    """
    ours, theirs = read_entries(new), read_entries(old)
    index = _index(theirs, as_spelled=_alike(ours, theirs))
    origins = np.full(len(ours.entries), NONE, np.int64)
    for identity, entry in enumerate(ours.entries):
        if entry in ours.added:
            origins[identity] = theirs.added.get(entry, NONE)
        else:
            sought = _sought(ours, identity, as_spelled=_alike(ours, theirs))
            origins[identity] = next((index[key] for key in sought if key in index), NONE)
    for identity, counterpart in roles(old, new).items():
        origins[identity] = counterpart
    return origins


def roles(old: Any, new: Any) -> dict[int, int]:
    """Ids of the special tokens of `new` that have a role -> ids of those that have it in `old`."""
    found: dict[int, int] = {}
    for role in ROLES:
        mine = getattr(new, f"{role}_token_id")
        counterpart = getattr(old, f"{role}_token_id")
        if counterpart is None and role in STAND_INS:
            counterpart = getattr(old, f"{STAND_INS[role]}_token_id")
        if mine is not None and counterpart is not None:
            found.setdefault(mine, counterpart)
    return found


def _alike(one: Entries, other: Entries) -> bool:
    return (one.spelling, one.marks_spaces) == (other.spelling, other.marks_spaces)


def _index(entries: Entries, *, as_spelled: bool) -> dict[str | Form | None, int]:
    index: dict[str | Form | None, int] = {}
    for identity, entry in enumerate(entries.entries):
        if entry not in entries.added:
            index.setdefault(entry if as_spelled else entries.form(identity), identity)
    index.pop(None, None)
    return index


def _sought(entries: Entries, identity: int, *, as_spelled: bool) -> Iterator[str | Form]:
    if as_spelled:
        yield entries.entries[identity]
    elif (form := entries.form(identity)) is not None:
        yield form
        if not any(map(str.isalpha, form.text)):
            yield form._replace(begins=not form.begins)
