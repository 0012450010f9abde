"""Planted copies of decisions: exact, near (Jaccard >= .9 over word 5-grams), and twins that are no copies."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mecelle.sample.records import Decision, Duplicates, SampleSize
from mecelle.sample.values import date as draw_date
from mecelle.sample.values import thousands

SHINGLE_WORDS: Final = 5
LEAST_SIMILARITY: Final = 0.9
_SLIPS: Final = (("rn", "m"), ("ı", "i"), ("ş", "s"), ("ğ", "g"), ("ü", "u"), ("l", "1"), ("ç", "c"))
_WORD: Final = re.compile(r"[^\W\d_]{5,}")
_AMOUNT: Final = re.compile(r"(?<![\d.])[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{2})?(?![\d.])")


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The set of word 5-grams of `text`; words are what white space separates."""
    words = text.split()
    return frozenset(tuple(words[at : at + SHINGLE_WORDS]) for at in range(max(1, len(words) - SHINGLE_WORDS + 1)))


def jaccard(left: str, right: str) -> float:
    """The share of word 5-grams that two texts have in common, 0..1."""
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


def add_copies(originals: Sequence[Decision], *, size: SampleSize, seed: int) -> tuple[list[Decision], Duplicates]:
    """Copies of originals as `size` asks for, and which documents belong together.

    Near copies and twins are made of the longer originals: in a short one, one changed word is already too many.
    """
    rng = random.Random(f"{seed}:copies")
    candidates = sorted(originals, key=lambda decision: (-len(decision.text.split()), decision.id))
    long_enough = candidates[: max(len(candidates) // 3, size.num_near_groups + size.num_twins)]
    rng.shuffle(long_enough)
    near_sources = long_enough[: size.num_near_groups]
    twin_sources = long_enough[size.num_near_groups : size.num_near_groups + size.num_twins]
    taken = {decision.id for decision in (*near_sources, *twin_sources)}
    exact_sources = rng.sample([decision for decision in originals if decision.id not in taken], size.num_exact_groups)
    copies: list[Decision] = []
    exact = [_group(source, 2, copies, rng, near=False) for source in exact_sources]
    near = [_group(source, 2, copies, rng, near=True) for source in near_sources]
    pairs: list[tuple[str, str]] = []
    for number, source in enumerate(twin_sources, start=1):
        copies.append(_twin(source, f"decision-twin-{number:04d}", rng))
        pairs.append((source.id, copies[-1].id))
    return copies, Duplicates(exact=tuple(exact), near=tuple(near), distinct_pairs=tuple(pairs))


def _group(source: Decision, most: int, copies: list[Decision], rng: random.Random, *, near: bool) -> tuple[str, ...]:
    """One group: the source and its copies, whose texts all differ if they are near ones."""
    kind = "near" if near else "copy"
    ids = [source.id]
    texts = {source.text}
    for number in range(1, most + 1):
        identity = f"{source.id}-{kind}{number}"
        copies.append(_near_copy(source, identity, texts, rng) if near else replace(source, id=identity))
        texts.add(copies[-1].text)
        ids.append(identity)
    return tuple(ids)


def _near_copy(source: Decision, identity: str, taken: set[str], rng: random.Random) -> Decision:
    """A copy with reading slips in a few words; no number is touched and no word changes its length.

    Two copies of one source are compared with each other too, so each keeps half of what the limit allows.
    """
    least = (1 + LEAST_SIMILARITY) / 2 + 0.005
    text = source.text
    spans = [match.span() for match in _WORD.finditer(text)]
    protected = [(item.start, item.end) for item in source.identifiers]
    protected += [(item.start, item.end) for item in source.citations]
    rng.shuffle(spans)
    changed, wanted = 0, rng.randint(1, 4)
    for start, end in spans:
        if any(start < stop and begin < end for begin, stop in protected):
            continue
        slipped = _slip(text[start:end], rng)
        attempt = text[:start] + slipped + text[end:]
        if attempt in taken or attempt == text or jaccard(source.text, attempt) < least:
            continue
        text, changed = attempt, changed + 1
        if changed == wanted:
            break
    assert changed, f"{source.id} is too short for a near copy"
    return replace(source, id=identity, text=text)


def _slip(word: str, rng: random.Random) -> str:
    """`word` with one letter read wrongly, in a way that keeps its length."""
    usable = [(good, bad) for good, bad in _SLIPS if len(good) == len(bad) and good in word]
    if not usable:
        return word
    good, bad = rng.choice(usable)
    return word.replace(good, bad, 1)


def _twin(source: Decision, identity: str, rng: random.Random) -> Decision:
    """Another decision of the same chamber in the same words: other numbers and date, and an amount or the ruling.

    Replacements keep their length, so that the offsets of sections and citations stay true.
    """
    case_number, decision_number = _other_number(source.case_number, rng), _other_number(source.decision_number, rng)
    old_date = ".".join(reversed(source.date.split("-")))
    year = int(source.date[:4])
    new_date = draw_date(rng, year, year)
    text = source.text.replace(source.case_number, case_number).replace(source.decision_number, decision_number)
    text = text.replace(old_date, new_date)
    if match := next(iter(_AMOUNT.finditer(text)), None):
        text = text.replace(match.group(), _other_amount(match.group(), rng))
    if text == source.text:
        digit = re.search(r"\d", text)
        assert digit is not None, "a decision without any number"
        text = text[: digit.start()] + str((int(digit.group()) + 1) % 10) + text[digit.end() :]
    return replace(
        source,
        id=identity,
        text=text,
        case_number=case_number,
        decision_number=decision_number,
        date="-".join(reversed(new_date.split("."))),
    )


def _other_number(number: str, rng: random.Random) -> str:
    year, _, serial = number.partition("/")
    low = 10 ** (len(serial) - 1)
    return f"{year}/{rng.choice([n for n in (rng.randrange(low, low * 10) for _ in range(4)) if str(n) != serial])}"


def _other_amount(amount: str, rng: random.Random) -> str:
    whole, comma, cents = amount.partition(",")
    value = int(whole.replace(".", ""))
    low = 10 ** (len(str(value)) - 1)
    return thousands(low + (value - low + rng.randrange(1, low * 9)) % (low * 9)) + comma + cents
