"""Takedown on real decisions: are copies, near and masked ones found, is anything else taken along, at what speed?

    python benchmarks/takedown.py --decisions 4000 --asked 200 --seed 7

Of `--asked` decisions drawn by seed, each gets an exact copy, two with spelling slips (0.5 % and 1 % of the words) and
two masked variants: names and numbers blanked by rule (every capitalised word inside a sentence becomes its initial;
every word with a digit becomes dots), all without metadata. Then all other decisions are compared with all that were
asked for: what would be taken along, and what would be shown to a person; with official numbers, and as if without.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from typing import Any

from measuring import DATA, write_results
from near_duplicates import rate

from mecelle.base.document import Document, content_hash, make_document
from mecelle.corpus.takedown import Recogniser, print_of
from mecelle.corpus.takedown_log import Takedown, TakenDown
from mecelle.text.headers import decision_metadata

FIELDS = ("court", "chamber", "case_number", "decision_number", "date")
_INSIDE = re.compile(r"(?<=[a-zçğıöşü,] )[A-ZÇĞİÖŞÜ][\wçğıöşü]+")
_NUMBERS = re.compile(r"E\. (\S+), K\. (\S+)")
_DIGITS = re.compile(r"\S*\d\S*")


def read(count: int) -> list[Document]:
    """The first `count` decisions, with the official numbers that file or text gives."""
    documents: list[Document] = []
    with gzip.open(DATA / "legal" / "decisions.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if len(documents) == count:
                break
            row = json.loads(line)
            own = decision_metadata(row["text"])
            metadata = {field: row.get(field) or getattr(own, field) for field in FIELDS}
            if numbers := _NUMBERS.match(row.get("number") or ""):
                metadata |= {"case_number": numbers[1], "decision_number": numbers[2]}
            documents.append(make_document(row["text"], kind="decision", source=f"decisions#{number}", **metadata))
    return documents


def bare(text: str, name: str) -> Document:
    """A text without any metadata."""
    return make_document(text, kind="decision", source=name)


def slipped(text: str, rng: random.Random, share: float) -> str:
    """The text with two letters exchanged in some words."""
    words = text.split(" ")
    for at in rng.sample(range(len(words)), max(1, int(share * len(words)))):
        words[at] = words[at][1:2] + words[at][:1] + words[at][2:]
    return " ".join(words)


def logged(number: int, document: Document) -> Takedown:
    """The row of the log for one document."""
    row = TakenDown(id="-", source_id=None, how="named", similarity=1.0, content_hash=content_hash(document.text))
    return Takedown(
        number=number, date="2026-03-31", request="", reason="", documents=[row], prints=[print_of(document)]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=4_000)
    parser.add_argument("--asked", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    documents = read(arguments.decisions)
    numbers = sorted(rng.sample(range(len(documents)), arguments.asked))
    asked = [documents[number] for number in numbers]
    Recogniser([logged(1, asked[0])]).match(asked[0])  # compiles
    clock = time.process_time()
    rows = [logged(number, document) for number, document in enumerate(asked)]
    print_seconds = time.process_time() - clock
    recogniser = Recogniser(rows)
    made = {
        "exact copy": lambda text: text,
        "0.5% of words misspelt": lambda text: slipped(text, rng, 0.005),
        "1% of words misspelt": lambda text: slipped(text, rng, 0.01),
        "names to initials": lambda text: _INSIDE.sub(lambda found: found.group()[0] + ".", text),
        "names to initials, figures to dots": lambda text: _DIGITS.sub(
            "...", _INSIDE.sub(lambda found: found.group()[0] + ".", text)
        ),
    }
    results: dict[str, Any] = {"decisions": len(documents), "asked": len(asked), "seed": arguments.seed, "found": {}}
    for name, change in made.items():
        found = [recogniser.match(bare(change(one.text), f"{name}#{at}")) for at, one in enumerate(asked)]
        ways = Counter(one.how if one else "missed" for one in found)
        leaves = sum(1 for one in found if one and one.leaves)
        results["found"][name] = {"taken down": rate(leaves, len(found)), "ways": dict(sorted(ways.items()))}
    others = [one for number, one in enumerate(documents) if number not in set(numbers)]
    characters = sum(len(one.text.encode()) for one in others)
    clock = time.process_time()
    with_numbers = [recogniser.match(one) for one in others]
    seconds = time.process_time() - clock
    without = [recogniser.match(bare(one.text, one.id)) for one in others]
    for name, found in (("others", with_numbers), ("others, numbers not known", without)):
        told = Counter(f"{one.how}: {one.why}" if one.why else one.how for one in found if one)
        leaves = sum(1 for one in found if one and one.leaves)
        results[name] = {"taken along": rate(leaves, len(found)), "ways": dict(sorted(told.items()))}
    clock = time.process_time()
    single = Recogniser(rows[:1])
    for one in others:
        single.match(one)
    results["cpu_seconds_per_mb"] = {
        f"{len(asked)} takedowns": round(seconds / characters * 1e6, 4),
        "1 takedown": round((time.process_time() - clock) / characters * 1e6, 4),
        "prints": round(print_seconds / sum(len(one.text.encode()) for one in asked) * 1e6, 4),
    }
    results["row_bytes"] = round(sum(len(row.model_dump_json()) for row in rows) / len(rows))
    sys.stdout.write(json.dumps(results, indent=1) + "\n")
    write_results("takedown", results)


if __name__ == "__main__":
    main()
