"""False merges: two decisions that differ in one number, date, amount or word of the ruling, put together as copies.

    python benchmarks/false_merges.py --seed 7

Each pair is a real decision and its twin with one thing changed by rule, of a Jaccard similarity of 0.90 or more (so
that near-duplicate search by similarity alone must merge it); and the twins that the sample generator plants. Controls
are copies with a word changed that decides nothing: those must be merged.
"""

import argparse
import gzip
import json
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from measuring import DATA, write_results
from near_duplicates import LEAST, decides_nothing, rate, run_tool, write_shards
from near_tools import grams

from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.text.casing import upper

TOOLS = ("mecelle", "mecelle, numbers not looked at", "datasketch", "datasketch, 21 x 12", "datatrove")

# Written for this benchmark, from rulings and reasons as the decisions have them; not from the lists of the package.
RULINGS = (
    ("onanmasına", "bozulmasına"), ("bozulmasına", "onanmasına"), ("reddine", "kabulüne"), ("kabulüne", "reddine"),
    ("kabulü ile", "reddi ile"), ("reddi", "kabulü"), ("beraatine", "mahkumiyetine"), ("mahkumiyetine", "beraatine"),
    ("düzeltilerek onanmasına", "onanmasına"), ("iptaline", "reddine"), ("kısmen", "tamamen"),
    ("oybirliğiyle", "oyçokluğuyla"), ("ihlal edildiğine", "ihlal edilmediğine"), ("tahsiline", "iadesine"),
    ("kaldırılmasına", "reddine"), ("kabul edilebilir", "kabul edilemez"),
)  # fmt: skip
NEGATIONS = (
    ("edilmiştir", "edilmemiştir"), ("verilmiştir", "verilmemiştir"), ("gerekir", "gerekmez"), ("olduğu", "olmadığı"),
    ("edildiği", "edilmediği"), ("bulunduğu", "bulunmadığı"), ("bulunmaktadır", "bulunmamaktadır"),
    ("gerekmektedir", "gerekmemektedir"), ("görülmüştür", "görülmemiştir"), ("yoktur", "vardır"),
    ("mümkündür", "mümkün değildir"), ("alınarak", "alınmadan"), ("yapılarak", "yapılmadan"), ("vardır", "yoktur"),
    ("yerindedir", "yerinde değildir"), ("görülmediğinden", "görüldüğünden"), ("olan", "olmayan"),
)  # fmt: skip
PAYERS = (("davacıdan", "davalıdan"), ("davalıdan", "davacıdan"), ("davacıya", "davalıya"), ("davalıya", "davacıya"))
PARTIES = (("davacı", "davalı"), ("davalı", "davacı"), ("davacının", "davalının"), ("davalının", "davacının"))
NUMBER_WORDS = (
    "iki",
    "üç",
    "dört",
    "beş",
    "altı",
    "yedi",
    "sekiz",
    "dokuz",
    "on",
    "yirmi",
    "otuz",
    "kırk",
    "elli",
    "yüz",
)


class Twins(NamedTuple):
    """Two texts."""

    kind: str
    left: str
    right: str


def _digit(match: re.Match[str], rng: random.Random) -> str:
    """The same with one digit another one."""
    found = match.group()
    place = rng.choice([at for at, letter in enumerate(found) if letter.isdigit()])
    other = rng.choice([digit for digit in "0123456789" if digit != found[place]])
    return found[:place] + other + found[place + 1 :]


def _swapped(
    pairs: tuple[tuple[str, str], ...],
) -> tuple[re.Pattern[str], Callable[[re.Match[str], random.Random], str]]:
    """Whole words, small or capital, for their opposites."""
    opposite = dict(pairs) | {upper(one): upper(other) for one, other in pairs}
    words = "|".join(sorted(map(re.escape, opposite), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)"), lambda match, _: opposite[match.group()]


KINDS: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str], random.Random], str]]] = {
    "case number": (re.compile(r"\b(?:19|20)\d\d/\d+(?= (?:[EK]\b|[Ee]sas|[Kk]arar|say))"), _digit),
    "date": (re.compile(r"\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b"), _digit),
    "amount": (re.compile(r"\b\d[\d.]*(?:,\d\d)?(?=[ -]?(?:TL|YTL|lira|Türk [Ll]irası))"), _digit),
    "article": (re.compile(r"\b\d+(?=(?:[./]\d+)?\.? ?['’]?(?:nci|ncı|ncu|ncü|inci|ıncı|uncu|üncü)? ?madde)"), _digit),
    "duration": (re.compile(r"\b\d+(?= (?:yıl|ay|gün|hafta)\b)"), _digit),
    "number word": (
        re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b"),
        lambda match, rng: rng.choice([word for word in NUMBER_WORDS if word != match.group()]),
    ),
    "ruling": _swapped(RULINGS),
    "negation": _swapped(NEGATIONS),
    "from or to whom": _swapped(PAYERS),
    "party named (not guarded)": _swapped(PARTIES),
}
NOT_GUARDED = ("party named (not guarded)",)


def twins(data: Path, each: int, *, seed: int) -> Iterator[Twins]:
    """`each` pairs of a kind from the decisions at hand, those of the control, and those of the sample."""
    with gzip.open(data / "legal" / "decisions.jsonl.gz") as file:
        texts = [json.loads(line)["text"] for line in file]
    for kind, (pattern, change) in KINDS.items():
        yield from _changed(texts, kind, pattern, change, each, random.Random(f"{seed} {kind}"))
    harmless = re.compile(r"\b[a-zçğıöşü]{5,}\b")
    yield from _changed(texts, "control", harmless, _misspelt, each, random.Random(f"{seed} control"))
    sample = generate(seed=seed, size=SampleSize.demo())
    by_id = {decision.id: decision.text for decision in sample.decisions}
    for left, right in sample.duplicates.distinct_pairs:
        yield Twins("sample", by_id[left], by_id[right])


def _misspelt(match: re.Match[str], rng: random.Random) -> str:
    found = match.group()
    return found[:-1] + "x" if decides_nothing(found) else found


def _changed(
    texts: list[str],
    kind: str,
    pattern: re.Pattern[str],
    change: Callable[[re.Match[str], random.Random], str],
    each: int,
    rng: random.Random,
) -> Iterator[Twins]:
    found = 0
    for text in rng.sample(texts, len(texts)):
        matches = list(pattern.finditer(text))
        if not matches:
            continue
        match = rng.choice(matches)
        other = text[: match.start()] + change(match, rng) + text[match.end() :]
        left, right = grams(text), grams(other)
        if text != other and len(left & right) >= LEAST * len(left | right):
            yield Twins(kind, text, other)
            found += 1
            if found == each:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--text-dedup", type=Path, help="a Python that has text-dedup")
    given = parser.parse_args()
    pairs = list(twins(given.data, given.each, seed=given.seed))
    texts = [text for pair in pairs for text in (pair.left, pair.right)]
    results: dict[str, Any] = {}
    with TemporaryDirectory(prefix="near-") as work:
        folder = Path(work) / "documents"
        write_shards(texts, folder)
        for tool in (*TOOLS, *(["text-dedup"] if given.text_dedup else [])):
            python = str(given.text_dedup) if tool == "text-dedup" else sys.executable
            measured = run_tool(tool, folder, 2, python=python)
            results[tool] = measured if "failed" in measured else merged(measured["groups"], pairs)
            print(f"{tool}: {measured['failed'][-300:]}" if "failed" in measured else _table(tool, results[tool]))
    write_results("false_merges", {"seed": given.seed, "each": given.each, "tools": results})


def merged(groups: list[list[int]], pairs: list[Twins]) -> dict[str, Any]:
    """The share of the pairs of each kind that stand in one group."""
    group_of = {row: number for number, group in enumerate(groups) for row in group}
    together = [group_of.get(2 * at, -1) == group_of.get(2 * at + 1, -2) for at in range(len(pairs))]
    kinds = dict.fromkeys(pair.kind for pair in pairs)

    def share(chosen: Callable[[str], bool]) -> dict[str, Any]:
        marks = [mark for mark, pair in zip(together, pairs, strict=True) if chosen(pair.kind)]
        return rate(sum(marks), len(marks))

    guarded = [kind for kind in kinds if kind != "control" and kind not in NOT_GUARDED]
    return {kind: share(lambda one, kind=kind: one == kind) for kind in kinds} | {
        "all guarded": share(lambda one: one in guarded)
    }


def _table(tool: str, shares: dict[str, Any]) -> str:
    cells = (
        f"{kind} {one['right']}/{one['n']} ({one['rate']:.4f}; {one['low']:.4f} to {one['high']:.4f})"
        for kind, one in shares.items()
        if one["n"]
    )
    return f"{tool}: " + "; ".join(cells)


if __name__ == "__main__":
    main()
