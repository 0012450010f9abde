"""Whether each seed is one token, alone and wherever a text may have it."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict
from tokenizers import Encoding, Tokenizer

CONTEXTS = (
    "{}", "kararda {} vardır", "({})", '"{}"', "“{}”", "karar.\n{}\nkarar", "{}'nın", "{}’nın", "karar, {}, karar",
    "{}.", "/{}/",
)  # fmt: skip
"""Where a seed is looked for: alone, after a space, in brackets and quotes, in a line of its own, before a suffix and
between marks."""


class Violation(BaseModel):
    """A seed that is not one token."""

    model_config = ConfigDict(frozen=True)

    seed: str
    context: str
    """Of CONTEXTS."""
    tokens: tuple[str, ...]
    """What the seed was cut into, as they stand in the vocabulary."""


def verify(tokenizer: Tokenizer, seeds: Iterable[str], contexts: Sequence[str] = CONTEXTS) -> list[Violation]:
    """The seeds that are not one known token, with the context; empty is well.

    A token may hold more than the seed: the space or the bracket before it, as the pattern has it.
    """
    cases = [(seed, context) for seed in seeds for context in contexts]
    encodings = tokenizer.encode_batch([context.format(seed) for seed, context in cases], add_special_tokens=False)
    decoded: dict[int, str] = {}
    violations = []
    for (seed, context), encoding in zip(cases, encodings, strict=True):
        here = _overlapping(encoding, context.index("{}"), len(seed))
        ids = [encoding.ids[number] for number in here]
        if len(ids) == 1 and seed in _decode(tokenizer, ids[0], decoded):
            continue
        tokens = tuple(encoding.tokens[number] for number in here)
        violations.append(Violation(seed=seed, context=context, tokens=tokens))
    return violations


def _overlapping(encoding: Encoding, start: int, length: int) -> list[int]:
    return [n for n, (left, right) in enumerate(encoding.offsets) if left < start + length and right > start]


def _decode(tokenizer: Tokenizer, number: int, decoded: dict[int, str]) -> str:
    if number not in decoded:
        decoded[number] = tokenizer.decode([number])
    return decoded[number]
