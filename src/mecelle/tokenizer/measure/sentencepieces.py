"""Tokenizers that exist as a SentencePiece `.model` file only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mecelle.base.errors import ArtifactError, require
from mecelle.tokenizer.measure.spelling import Spelling
from mecelle.tokenizer.measure.subwords import Encoded


class SentencePieceTokenizer:
    """A `SubwordTokenizer` by the library `sentencepiece`, one thread."""

    def __init__(self, path: Path) -> None:
        """Raises ArtifactError if `path` is no SentencePiece model, MissingPackageError without the library."""
        library = require("sentencepiece", extra="train", why=f"The SentencePiece model {path}")
        self._spelling = Spelling()
        try:
            self._model: Any = library.SentencePieceProcessor(model_file=str(path), num_threads=1)
        except (RuntimeError, OSError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ArtifactError(f"{path}: not a SentencePiece model: {reason}") from error
        self.vocabulary = int(self._model.vocab_size())
        self.unknown: int | None = int(self._model.unk_id())

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokens with their offsets."""
        found = self._model.encode(list(texts), return_type="proto")
        return [_encoded(text, one.pieces) for text, one in zip(texts, found, strict=True)]

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids alone."""
        return list(self._model.encode(list(texts)))

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Texts, with unknown tokens as the model writes them."""
        return list(self._model.decode([list(one) for one in ids]))

    def texts(self) -> list[str | None]:
        """What each id stands for, without marks; None for special tokens and single bytes."""
        model = self._model
        return [
            None
            if model.is_control(i) or model.is_unknown(i) or model.is_byte(i)
            else self._spelling.text(self.readable(i))
            for i in range(self.vocabulary)
        ]

    def readable(self, identity: int) -> str:
        """The piece with `▁` for a space."""
        return str(self._model.id_to_piece(identity))


def _encoded(text: str, pieces: Sequence[Any]) -> Encoded:
    """Ids and offsets; the library counts bytes, characters are those of which the first byte came before."""
    first_bytes = np.frombuffer(text.encode(errors="replace"), np.uint8) & 0xC0 != 0x80
    place = [0, *np.cumsum(first_bytes).tolist()]
    return Encoded([piece.id for piece in pieces], [(place[piece.begin], place[piece.end]) for piece in pieces])
