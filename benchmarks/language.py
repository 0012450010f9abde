"""Language identification: which languages are taken for Turkish. Rows are sentences of data/general/langid.

    python benchmarks/language.py                       lid.176, the default of language.v1
    python benchmarks/language.py --model glotlid.bin   GlotLID, if you have its file (cis-lmu/glotlid on the hub)

There is no Gagauz in the data. Rows "in ASCII" are ours: the same sentences with ASCII letters, as people type them.
"""

import argparse
import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter

from scipy.stats import binomtest

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.corpus.filters.language import Language
from mecelle.text.casing import ascii_fold

VARIETIES = {
    "Turkish": ("tr", "tur_Latn"),
    "Azerbaijani": ("az", "azj_Latn"),
    "Turkmen": ("tuk_Latn",),
    "Crimean Tatar": ("crh_Latn",),
    "Uzbek": ("uzn_Latn",),
    "other Turkic, other script": (
        "kk", "azb_Arab", "bak_Cyrl", "kaz_Cyrl", "kir_Cyrl", "tat_Cyrl", "uig_Arab", "uzs_Arab",
    ),
}  # fmt: skip
IN_ASCII = ("Turkish", "Azerbaijani", "Turkmen")
_ASCII = str.maketrans("əƏňŇýÝžŽäÄ", "eEnNyYzZaA")


def sentences(path: Path) -> dict[str, list[str]]:
    """Variety -> its sentences; all that are not named go under "any other language"."""
    names = {code: variety for variety, codes in VARIETIES.items() for code in codes}
    found: dict[str, list[str]] = {variety: [] for variety in VARIETIES} | {"any other language": []}
    for row in read_jsonl(path):
        if row["kind"] == "sentence":
            found[names.get(row["lang"], "any other language")].append(row["text"])
    return found | {
        f"{name} in ASCII": [ascii_fold(text).translate(_ASCII) for text in found[name]] for name in IN_ASCII
    }


def confusion(rule: Language, texts: dict[str, list[str]]) -> list[dict[str, object]]:
    """One row a variety: what it is called, and how often `rule` keeps it."""
    rows = []
    for variety, sample in texts.items():
        said: dict[str, int] = defaultdict(int)
        kept, began = 0, perf_counter()
        for text in sample:
            verdict = rule.judge(Document(text=text, id="x", metadata={}))
            kept += verdict.kept
            said[verdict.measured["language"]] += 1
        seconds = perf_counter() - began
        interval = binomtest(kept, len(sample)).proportion_ci(method="wilson")
        rows.append(
            {
                "variety": variety,
                "sentences": len(sample),
                "said": dict(Counter(said).most_common()),
                "kept": kept,
                "kept_share": kept / len(sample),
                "interval_95": [interval.low, interval.high],
                "sentences_per_s": len(sample) / seconds,
            }
        )
    return rows


def main() -> None:
    """Parse, run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MECELLE_DATA", default)))
    parser.add_argument("--model", type=Path, help="fastText model file; lid.176 without it")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "language.json")
    arguments = parser.parse_args()
    rule = Language(model=arguments.model)
    rows = confusion(rule, sentences(arguments.data / "general" / "langid.jsonl.gz"))
    arguments.out.parent.mkdir(exist_ok=True)
    settings = {"model": str(arguments.model or "lid.176.ftz"), "least_confidence": rule.least_confidence}
    arguments.out.write_text(json.dumps({"settings": settings, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    print("| sentences in | n | kept as Turkish [95 %] | called |\n|---|---|---|---|")
    for row in rows:
        low, high = row["interval_95"]
        called = ", ".join(f"{label} {count}" for label, count in list(row["said"].items())[:6])
        print(f"| {row['variety']} | {row['sentences']} | {row['kept_share']:.1%} [{low:.1%}, {high:.1%}] | {called} |")


if __name__ == "__main__":
    main()
