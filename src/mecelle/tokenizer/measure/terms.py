"""Coverage of legal terms: which of them are one token, in which writing and which surroundings."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from mecelle.base.errors import InputError
from mecelle.text import casing
from mecelle.tokenizer.measure.intervals import Share, share
from mecelle.tokenizer.measure.subwords import Encoded, SubwordTokenizer

FORMS = {"lower": casing.lower, "title": casing.title, "upper": casing.upper}

CONTEXTS = {
    "alone": "{}",
    "after a space": "Bu {} gibi",
    "in brackets": "Dava ({}) için",
    "in quotes": 'Dava "{}" için',
    "before a suffix": "Bu {}'nın",
    "before a comma": "Bu {}, o",
}
"""Surroundings of a term. Byte-level tokenizers have one entry for a word after a space and another without."""

EVERY = "everywhere"


class Covered(BaseModel):
    """Terms that are one token, in one form and one context."""

    model_config = ConfigDict(frozen=True)

    form: str
    context: str
    one_token: Share


def single_words(terms: Sequence[str]) -> list[str]:
    """The terms that are one run of letters. Raises InputError if none is."""
    found = [term for term in terms if term.isalpha()]
    if not found:
        raise InputError(
            f"{len(terms):,} terms and no single word of letters among them; give a list with terms such as 'istinaf'"
        )
    return found


def coverage(tokenizer: SubwordTokenizer, terms: Sequence[str]) -> list[Covered]:
    """Shares of `terms` (single words) that are one token; rows by form, then context, the last of a form `EVERY`."""
    rows: list[Covered] = []
    for form, written in FORMS.items():
        every = [True] * len(terms)
        for context, found in _found(tokenizer, [written(term) for term in terms]):
            rows.append(Covered(form=form, context=context, one_token=share(sum(found), len(terms))))
            every = [a and b for a, b in zip(every, found, strict=True)]
        rows.append(Covered(form=form, context=EVERY, one_token=share(sum(every), len(terms))))
    return rows


def _found(tokenizer: SubwordTokenizer, words: Sequence[str]) -> Iterator[tuple[str, list[bool]]]:
    for context, pattern in CONTEXTS.items():
        begin, texts = pattern.index("{"), [pattern.format(word) for word in words]
        encoded = tokenizer.encode(texts)
        yield (
            context,
            [
                _is_one_token(text, begin, begin + len(word), one, tokenizer.unknown)
                for text, word, one in zip(texts, words, encoded, strict=True)
            ],
        )


def _is_one_token(text: str, begin: int, end: int, encoded: Encoded, unknown: int | None) -> bool:
    """Whether one token covers text[begin:end] and nothing else but white space."""
    inside = [
        (identity, text[low:high].strip())
        for identity, (low, high) in zip(encoded.ids, encoded.offsets, strict=True)
        if low < end and high > begin
    ]
    return len(inside) == 1 and inside[0][1] == text[begin:end] and inside[0][0] != unknown
