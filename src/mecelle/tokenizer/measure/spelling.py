"""How a tokenizer writes its vocabulary: `##de`, `Ġkarar`, `▁karar`, `<0xC4>`; and what stands behind it."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

SPACE = "▁"
"""How a readable piece shows the space that belongs to it."""

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """The marks in vocabulary entries. Empty marks are not in use."""

    byte_level: bool = False
    """Entries are bytes, each written as one letter (GPT-2)."""
    continuing: str = ""
    """Before a piece inside a word (`##` of WordPiece)."""
    word_end: str = ""
    """After the last piece of a word (`</w>`)."""

    def text(self, entry: str) -> str | None:
        """What an entry stands for, without marks and the space around it; None if it holds part of a character.

        >>> [Spelling(byte_level=True).text(entry) for entry in ("ĠÅŁart", "Å")], Spelling(continuing="##").text("##de")
        (['şart', None], 'de')
        """
        if self.byte_level:
            try:
                return _as_bytes(entry).decode().strip()
            except UnicodeDecodeError:
                return None
        if _BYTE.fullmatch(entry):
            return None
        return entry.removeprefix(self.continuing).removesuffix(self.word_end).replace(SPACE, " ").strip()

    def readable(self, entry: str) -> str:
        """An entry as people read it: `##` stays, a space is `▁`, a byte that is no character by itself `<0xC4>`.

        >>> [Spelling(byte_level=True).readable(entry) for entry in ("ĠÅŁart", "Å")]
        ['▁şart', '<0xC5>']
        """
        if not self.byte_level:
            return entry
        shown = _as_bytes(entry).decode(errors="backslashreplace").replace(" ", SPACE).replace("\n", "⏎")
        return re.sub(r"\\x([0-9a-f]{2})", lambda found: f"<0x{int(found[1], 16):02X}>", shown)


def spelling_of(description: dict[str, Any]) -> Spelling:
    """The spelling of a tokenizer. description: its tokenizer.json."""
    model, kinds = description["model"], _kinds([description.get("pre_tokenizer"), description.get("decoder")])
    return Spelling(
        byte_level="ByteLevel" in kinds,
        continuing=model.get("continuing_subword_prefix") or "",
        word_end=model.get("end_of_word_suffix") or "",
    )


def _kinds(part: Any) -> set[str]:
    """The types of a part of tokenizer.json and of all parts in it."""
    if isinstance(part, list):
        return set().union(*map(_kinds, part)) if part else set()
    if not isinstance(part, dict):
        return set()
    return {str(part.get("type")), *_kinds([value for value in part.values() if isinstance(value, (list, dict))])}


def _as_bytes(entry: str) -> bytes:
    letters = _byte_letters()
    return b"".join(letters.get(letter) or letter.encode() for letter in entry)


@cache
def _byte_letters() -> dict[str, bytes]:
    """GPT-2's letter of every byte: itself where it can be printed, else the next letter from U+0100 on."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printed]
    letters = {chr(byte): bytes([byte]) for byte in printed}
    return letters | {chr(0x100 + place): bytes([byte]) for place, byte in enumerate(others)}
