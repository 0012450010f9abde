"""The profanity list: how much of offensive tweets it finds, and what it would drop of real decisions and other texts.

python benchmarks/profanity.py
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scipy.stats import binomtest

from mecelle.base.collection import read_jsonl
from mecelle.corpus.filters.profanity import Profanity, is_profane
from mecelle.corpus.view import view


def rates(name: str, texts: Iterable[str]) -> dict[str, object]:
    """Texts with a listed word, and texts that profanity.v1 would drop if it spared no kind; words found, by count."""
    rule, found = Profanity(spared_kinds=()), Counter[str]()
    documents = with_word = dropped = 0
    for text in texts:
        documents += 1
        words = {form: count for form, count in view(text).forms.items() if is_profane(form)}
        found.update(words)
        with_word += bool(words)
        dropped += not rule.measure(text).kept
    intervals = [binomtest(count, documents).proportion_ci(method="wilson") for count in (with_word, dropped)]
    return {
        "texts": name,
        "documents": documents,
        "with_word": with_word,
        "with_word_95": [intervals[0].low, intervals[0].high],
        "dropped": dropped,
        "dropped_95": [intervals[1].low, intervals[1].high],
        "words": dict(found.most_common(25)),
    }


def main() -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MECELLE_DATA", default)))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "profanity.json")
    arguments = parser.parse_args()
    decisions = list(read_jsonl(arguments.data / "legal" / "decisions.jsonl.gz"))
    tweets = list(read_jsonl(arguments.data / "general" / "classification_offensive.jsonl.gz"))
    criminal = [row for row in decisions if "Ceza" in str(row["chamber"])]
    rows = [
        rates("tweets called offensive (recall)", (row["text"] for row in tweets if row["label"] == "OFF")),
        rates("tweets called not offensive", (row["text"] for row in tweets if row["label"] == "NOT")),
        rates("decisions of criminal chambers", (row["text"] for row in criminal)),
        rates("decisions that say hakaret", (row["text"] for row in criminal if "hakaret" in row["text"])),
        rates("all decisions", (row["text"] for row in decisions)),
        rates("statutes", (row["text"] for row in read_jsonl(arguments.data / "legal" / "statutes.jsonl.gz"))),
        rates("general text", (row["text"] for row in read_jsonl(arguments.data / "general" / "text.jsonl.gz"))),
    ]
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("| texts | n | with a listed word [95 %] | dropped at a share over 0.005 [95 %] |\n|---|---|---|---|")
    for row in rows:
        cells = (
            f"{row[key] / row['documents']:.2%} [{row[f'{key}_95'][0]:.2%}, {row[f'{key}_95'][1]:.2%}] ({row[key]})"
            for key in ("with_word", "dropped")
        )
        print(f"| {row['texts']} | {row['documents']} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
