"""The one view of a tokenizer that all measures share, whatever library it came from."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import orjson
from tokenizers import Tokenizer

from mecelle.tokenizer.measure.spelling import spelling_of


class Encoded(NamedTuple):
    """The tokens of one text, special tokens not among them."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    """Half-open character offsets into the text as it was given. Tokens that share a character share its offsets."""


class SubwordTokenizer(Protocol):
    """What is measured."""

    @property
    def vocabulary(self) -> int:
        """Number of tokens, special tokens included."""

    @property
    def unknown(self) -> int | None:
        """The id that stands for what cannot be written in pieces; None if there is none."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokens with their offsets."""

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The same ids by the fastest way the library has; this is what encoding speed is measured with."""

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Texts of lists of ids."""

    def texts(self) -> list[str | None]:
        """What each id stands for, without marks; None for special tokens and parts of characters."""

    def readable(self, identity: int) -> str:
        """The token as people read it: `##` inside words, `▁` for a space."""


class FastTokenizer:
    """A `tokenizers.Tokenizer`: every fast tokenizer of Hugging Face, and ours."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Truncation and padding, which models save in theirs, are switched off on `tokenizer`."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        description = orjson.loads(tokenizer.to_str())
        self.tokenizer, self._spelling = tokenizer, spelling_of(description)
        self._special = {token["id"] for token in description["added_tokens"] if token["special"]}
        self.vocabulary = tokenizer.get_vocab_size()
        self.unknown = _unknown(tokenizer, description["model"])

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Tokens with their offsets."""
        found = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Encoded(one.ids, one.offsets) for one in found]

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids alone: `encode_batch_fast` leaves out the offsets."""
        return [one.ids for one in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """Texts, with unknown tokens as the tokenizer writes them."""
        return self.tokenizer.decode_batch(list(ids), skip_special_tokens=False)

    def texts(self) -> list[str | None]:
        """What each id stands for, without marks; None for special tokens and parts of characters."""
        entries = self.tokenizer.get_vocab()
        found: list[str | None] = [None] * (1 + max(entries.values(), default=-1))
        for entry, identity in entries.items():
            if identity not in self._special:
                found[identity] = self._spelling.text(entry)
        return found

    def readable(self, identity: int) -> str:
        """The token as people read it: `##` inside words, `▁` for a space."""
        return self._spelling.readable(self.tokenizer.id_to_token(identity) or "")


def _unknown(tokenizer: Tokenizer, model: dict[str, object]) -> int | None:
    if isinstance(place := model.get("unk_id"), int):
        return place
    return tokenizer.token_to_id(entry) if isinstance(entry := model.get("unk_token"), str) else None
