"""Into which pieces given phrases and numbers fall (HukukBERT Table 5)."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError
from mecelle.tokenizer.measure.subwords import SubwordTokenizer

PHRASES = (
    "BÖLGE ADLİYE MAHKEMESİ", "Kanun Hükmünde Kararnamenin", "İçtihadı Birleştirme Kararı", "Hukuki Nitelendirme",
)  # fmt: skip
"""The four of HukukBERT Table 5."""

NUMBERS = (
    "2019/1234", "md. 49/2", "%1,8", "10.02.2019", "E. 2024/3494", "6098 sayılı", "Ankara'nın", "1.250.000,00 TL",
)  # fmt: skip


class Piece(BaseModel):
    """One token as people read it."""

    model_config = ConfigDict(frozen=True)

    text: str
    unknown: bool = False


class Cut(BaseModel):
    """A phrase and its pieces."""

    model_config = ConfigDict(frozen=True)

    phrase: str
    pieces: tuple[Piece, ...]


def cut(tokenizer: SubwordTokenizer, phrases: Sequence[str]) -> list[Cut]:
    """The pieces of each phrase, alone in its line."""
    encoded = tokenizer.encode(phrases)
    return [
        Cut(
            phrase=phrase,
            pieces=tuple(Piece(text=tokenizer.readable(i), unknown=i == tokenizer.unknown) for i in one.ids),
        )
        for phrase, one in zip(phrases, encoded, strict=True)
    ]


def read_phrases(path: Path) -> list[str]:
    """One phrase a line. Raises InputError if the file is absent, not UTF-8, or has none."""
    if not path.is_file():
        raise InputError(f"{path}: no such file of phrases; expected a text file with one phrase in a line")
    try:
        found = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save the phrases as UTF-8 text") from None
    if not found:
        raise InputError(f"{path}: no phrase in it; write one phrase in a line")
    return found
