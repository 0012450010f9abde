"""Pages that do not belong in a Turkish legal corpus: other languages, and junk."""

import random
from typing import Final

from mecelle.sample.bank import load_bank, load_json
from mecelle.sample.records import OtherDocument
from mecelle.sample.templates import Slots, render
from mecelle.sample.values import MAKERS

LANGUAGES: Final = ("en", "az", "de")
_SYMBOLS: Final = "#*~|<>=_+-•■□▪►§$%&@^/\\{}[]"


def foreign_documents(count: int, *, seed: int) -> tuple[OtherDocument, ...]:
    """`count` legal pages in English, Azerbaijani and German, in turn."""
    bank = load_bank("foreign.txt")
    out: list[OtherDocument] = []
    for number in range(1, count + 1):
        rng = random.Random(f"{seed}:foreign:{number}")
        language = LANGUAGES[(number - 1) % len(LANGUAGES)]
        sentences = bank[language].all("sentence")
        slots = Slots(rng, MAKERS, {key: tuple(items) for key, items in load_json("words.json").items()})
        chosen = rng.sample(sentences, rng.randint(min(7, len(sentences)), len(sentences)))
        text = "\n\n".join(
            " ".join(render(line, slots) for line in chosen[at : at + 3]) for at in range(0, len(chosen), 3)
        )
        out.append(OtherDocument(id=f"foreign-{number:04d}", text=text, reason=language))
    return tuple(out)


def junk_documents(count: int, *, seed: int) -> tuple[OtherDocument, ...]:
    """`count` junk pages: navigation menus, filler text, symbol soup, tiny pages and repeated lines, in turn."""
    makers = {
        "navigation": _navigation, "filler": _filler, "symbols": _symbols, "tiny": _tiny, "repeated_lines": _repeated,
    }  # fmt: skip
    names = list(makers)
    out: list[OtherDocument] = []
    for number in range(1, count + 1):
        reason = names[(number - 1) % len(names)]
        text = makers[reason](random.Random(f"{seed}:junk:{number}"))
        out.append(OtherDocument(id=f"junk-{number:04d}", text=text, reason=reason))
    return tuple(out)


def _words(key: str) -> tuple[str, ...]:
    return load_bank("junk.txt")["junk"].all(key)


def _navigation(rng: random.Random) -> str:
    entries = rng.choices(_words("menu"), k=rng.randint(30, 70))
    return rng.choice((" | ", "\n", " » ")).join(entries)


def _filler(rng: random.Random) -> str:
    syllables = _words("syllable")
    sentences = []
    for _ in range(rng.randint(8, 20)):
        words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(rng.randint(5, 14))]
        sentences.append(" ".join(words) + ".")
    return " ".join(sentences)


def _symbols(rng: random.Random) -> str:
    lines = ["".join(rng.choices(_SYMBOLS + "  0123456789", k=rng.randint(30, 80))) for _ in range(rng.randint(6, 25))]
    return "\n".join(lines)


def _tiny(rng: random.Random) -> str:
    return rng.choice(_words("tiny"))


def _repeated(rng: random.Random) -> str:
    return "\n".join([rng.choice(_words("line"))] * rng.randint(25, 60))
