"""What seeds take and what they give: the same training with and without them, on the words of the corpus.

A seed that training would have learned anyway is free. Each other takes the slot of a learned piece: the corpus gets
shorter where the seed stands, and longer where the displaced piece stood.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from mecelle.tokenizer.patterns import BOUNDARY
from mecelle.tokenizer.seeding.choice import Seeds

_WORDS_AT_A_TIME = 20_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class FormCost(_Frozen):
    """One form of a term."""

    form: str
    occurrences: int
    """In the corpus outside dictionaries."""
    pieces_without: int
    """Subwords of the form behind a space, as it mostly stands, in the tokenizer without seeds."""
    free: bool
    """Whether training would have made it one token anyway."""
    saved: int
    """Subwords of the corpus that the form itself saves."""


class TermCost(_Frozen):
    """One kept term."""

    term: str
    forms: tuple[FormCost, ...]
    saved: int
    """Subwords of the corpus that its forms save."""


class Cost(_Frozen):
    """What the seeds cost. Subwords are of the whole corpus, weighted as it was trained on."""

    terms: tuple[TermCost, ...]
    """By what they save, most first."""
    tokens: int
    """Forms of all kept terms."""
    free: int
    """Of them, those that training would have made one token anyway."""
    slots: int
    """Tokens of the vocabulary that the others took, with their spelling after a space where there is one."""
    displaced: tuple[str, ...]
    """Learned tokens that are only in the vocabulary without seeds, sorted."""
    subwords_without: int
    subwords_with: int
    saved: int
    """Subwords of the words that got shorter: seeds, and words that a seed begins."""
    lost: int
    """Subwords of the words that got longer, for want of a displaced piece."""
    change: float
    """Subwords with seeds over subwords without, less 1: negative is shorter. Where a mark may join a word (llama.v1),
    it holds also what it costs that no piece joins a mark and a letter."""


def cost(
    seeds: Seeds, *, without: Tokenizer, seeded: Tokenizer, words: Mapping[str, int], occurrences: Mapping[str, int]
) -> Cost:
    """Compare the tokenizers that the same `words` gave without seeds and with them.

    words: count of each distinct word, as training took them; occurrences: of each form in the corpus.
    """
    pieces = dict(zip(seeds.tokens, _lengths(without, [" " + form for form in seeds.tokens]), strict=True))
    terms = []
    for one in seeds.kept:
        found = tuple(_form_cost(form, occurrences.get(form, 0), pieces[form]) for form in one.forms)
        terms.append(TermCost(term=one.term, forms=found, saved=sum(form.saved for form in found)))
    before, after = set(without.get_vocab()), set(seeded.get_vocab())
    texts = [word.replace(BOUNDARY, "") for word in words]
    total_without = total_with = saved = lost = 0
    lengths = zip(_lengths(without, texts), _lengths(seeded, texts), strict=True) if seeds.kept else ()
    for count, (old, new) in zip(words.values(), lengths, strict=False):
        total_without += count * old
        total_with += count * new
        saved += count * max(0, old - new)
        lost += count * max(0, new - old)
    return Cost(
        terms=tuple(sorted(terms, key=lambda one: (-one.saved, one.term))),
        tokens=len(pieces),
        free=sum(number == 1 for number in pieces.values()),
        slots=len(after - before),
        displaced=tuple(sorted(before - after)),
        subwords_without=total_without,
        subwords_with=total_with,
        saved=saved,
        lost=lost,
        change=total_with / total_without - 1 if total_without else 0.0,
    )


def _form_cost(form: str, occurrences: int, pieces: int) -> FormCost:
    return FormCost(
        form=form, occurrences=occurrences, pieces_without=pieces, free=pieces == 1, saved=occurrences * (pieces - 1)
    )


def _lengths(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[int]:
    """Number of subwords of each text."""
    for start in range(0, len(texts), _WORDS_AT_A_TIME):
        batch = list(texts[start : start + _WORDS_AT_A_TIME])
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            yield len(encoding)
