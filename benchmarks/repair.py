"""Repair: character error rate before and after, by damage, and what it changes in texts that have none.

    python benchmarks/repair.py --pages 9 --seed 7

Character error rate: `mecelle.text.repair.error_rate`; errors and characters are pooled over documents, intervals are
bootstraps over documents. Parts:
- planted: decisions of the sample generator (another seed than the tests and the list of frequent forms use), by
  damage; what has several damages stands under "mixed". The damage is ours, so it shows that each repair works, not how
  often real scans need it;
- spread: real decisions, statutes and minutes, damaged here in the two ways that `general/text` and `statutes` have by
  nature: every letter set apart (paragraphs of 200 to 2,000 characters), and letters beyond ASCII set apart;
- mojibake: the pairs of `general/mojibake_samples`; texts misread here; lines of `general/langid` by language;
- pages: the PDFs of `general/ocr` at 300 DPI through Tesseract. Truth: the text layer between the header's box and
  the footer, and the header of the first page, which `repair_pages` means to keep;
- clean: what each repair changes in real texts. Most of it is real damage: look at the examples in the JSON.
"""

import argparse
import gzip
import json
import os
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pymupdf
import pytesseract
from measuring import DATA, MEGABYTE, machine, write_results
from PIL import Image
from scipy.stats import binomtest

from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.text.mojibake import repair_mojibake
from mecelle.text.repair import repair, repair_pages
from mecelle.text.repair.contents_table import remove_contents_tables
from mecelle.text.repair.error_rate import character_errors
from mecelle.text.repair.line_hyphens import join_line_hyphens
from mecelle.text.repair.noise import remove_noise
from mecelle.text.repair.page_numbers import remove_page_numbers
from mecelle.text.repair.running_lines import remove_headers
from mecelle.text.repair.spread_letters import join_spread_letters
from mecelle.text.repair.stranded_letters import join_stranded_letters
from mecelle.text.unicode import clean

RESAMPLES = 1_000
BEYOND = "çğıöşüâîûÇĞİÖŞÜÂÎÛ"
REPAIRS: tuple[Callable[[str], str], ...] = (
    repair_mojibake, join_stranded_letters, join_spread_letters, remove_headers, remove_page_numbers,
    remove_contents_tables, remove_noise, join_line_hyphens,
)  # fmt: skip
FILES = ("legal/decisions", "legal/statutes", "legal/regulations", "general/text")


def rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def error_rate(errors: Sequence[tuple[int, int]], seed: int) -> dict[str, float]:
    """Pooled rate of (edits, characters), with a 95% bootstrap interval over documents."""
    counts = np.asarray(errors, dtype=float)
    drawn = np.random.default_rng(seed).integers(len(counts), size=(RESAMPLES, len(counts)))
    sums = counts[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975))
    edits, characters = counts.sum(axis=0)
    return {"cer": float(edits / characters), "low": float(low), "high": float(high)}


def compared(
    triples: Iterable[tuple[str, str, str]], mend: Callable[[str], str], seed: int
) -> dict[str, dict[str, Any]]:
    """By class: n and the error rates before and after, of (class, damaged text, truth)."""
    before: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    after: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, damaged, truth in triples:
        before[name].append(character_errors(damaged, truth))
        after[name].append(character_errors(mend(damaged), truth))
    return {
        name: {"n": len(before[name]), "before": error_rate(before[name], seed), "after": error_rate(after[name], seed)}
        for name in sorted(before)
    }


def planted(seed: int) -> Iterator[tuple[str, str, str]]:
    size = SampleSize(
        num_decisions=1_200, num_acts=20, num_contracts=0, num_questions=0, num_terms=0, num_foreign=0, num_junk=0,
        num_exact_groups=0, num_near_groups=0, num_twins=0, num_damaged=600, num_single_files=0, num_scanned=0,
    )  # fmt: skip
    sample = generate(seed=seed, size=size)
    texts = {decision.id: decision.text for decision in sample.decisions}
    for damage in sample.damaged:
        truth = join_spread_letters(damage.clean)  # courts spread some headings on purpose: `D A N I Ş T A Y`
        yield "all", texts[damage.id], truth
        yield damage.kinds[0] if len(damage.kinds) == 1 else "mixed", texts[damage.id], truth


def spread(seed: int, count: int) -> Iterator[tuple[str, str, str]]:
    """Paragraphs in which no letter stands alone already, damaged in both ways."""
    for name in ("legal/decisions", "legal/statutes", "general/text"):
        found = [
            line
            for row in rows(name)
            for line in row["text"].split("\n")
            if 200 <= len(line) <= 2_000 and not re.search(rf"\d \d|\.\.| [^\W\d_] | [{BEYOND}]+ ", line)
        ]
        for line in random.Random(seed).sample(found, count):
            yield f"all letters, {name}", re.sub(r"\s*(\S)", r"\1 ", line).strip(), line
            yield f"beyond ASCII, {name}", " ".join(re.sub(f"([{BEYOND}]+)", r" \1 ", line).split()), line


def misread(seed: int, count: int) -> Iterator[tuple[str, str, str]]:
    lines = [line for row in rows("legal/decisions") for line in row["text"].split("\n") if len(line) > 20]
    for line in random.Random(seed).sample([line for line in lines if not line.isascii()], count):
        for page in ("latin-1", "cp1252", "cp1254"):
            once = utf8_as(line, page)
            yield f"UTF-8 as {page}", once, line
            yield f"UTF-8 as {page}, twice", utf8_as(once, page), line
        western = line.encode("cp1254", "ignore")
        yield "cp1254 as cp1252, single lines", western.decode("cp1252", "ignore"), western.decode("cp1254")


def utf8_as(text: str, page: str) -> str:
    return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in text.encode())


def pairs(seed: int) -> dict[str, Any]:
    """The 61 real samples: 57 with a complete truth, four of another code page whose truth leaves them damaged."""
    samples = list(rows("general/mojibake_samples"))
    known = [(row["raw"], row["fixed"]) for row in samples if row["fixed"] and "\x9b" not in row["raw"]]
    exact = sum(repair_mojibake(raw) == fixed for raw, fixed in known)
    others = [row["raw"] for row in samples if "\x9b" in row["raw"]]
    left = sum(len(re.findall("[\x9b\x8b¤_]", repair_mojibake(raw))) for raw in others)
    rates = compared((("pairs", raw, fixed) for raw, fixed in known), repair_mojibake, seed)
    return {"samples": len(samples), "exact": exact, "of": len(known), "cer": rates["pairs"],
            "old_minutes": {"n": len(others), "damaged_signs_left": left}}  # fmt: skip


def languages() -> dict[str, Any]:
    """Lines of 75 languages: what is changed, beside lines of Turkish that have the letters of the Western page."""
    changed: Counter[str] = Counter()
    examples: dict[str, str] = {}
    seen = damaged = mended = 0
    for row in rows("general/langid"):
        seen += 1
        text = repair_mojibake(row["text"])
        if text != row["text"]:
            changed[row["lang"]] += 1
            examples.setdefault(row["lang"], f"{row['text'][:100]} -> {text[:100]}")
        if row["lang"] == "tr" and re.search("[ýþðÝÞÐ]", row["text"]) and not re.search("[ışğİŞĞ]", row["text"]):
            damaged += 1
            mended += text != row["text"]
    return {"lines": seen, "changed": dict(changed.most_common()), "examples": examples,
            "turkish_with_western_letters": {"n": damaged, "mended": mended}}  # fmt: skip


def pages(count: int, seed: int) -> dict[str, Any]:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    read: list[tuple[str, str, str]] = []
    for path in sorted((DATA / "general" / "ocr").glob("*.pdf"))[: max(1, count // 3)]:
        with pymupdf.open(path) as pdf:
            ocr, bodies = [], []
            for number, page in enumerate(pdf):
                picture = page.get_pixmap(dpi=300)
                image = Image.frombytes("RGB", (picture.width, picture.height), picture.samples)
                ocr.append(clean(pytesseract.image_to_string(image, lang="tur")))
                blocks = page.get_text("blocks", sort=True)
                top = max(block[3] for block in blocks if "Doküman No" in block[4]) if number else 0.0
                bottom = min(block[1] for block in blocks if "Form No" in block[4])
                clip = pymupdf.Rect(0, top, page.rect.width, bottom)
                bodies.append(clean(page.get_text(clip=clip, sort=True)))
        truth = "\n".join(bodies)
        read.append(("as read", "\n".join(ocr), truth))
        read.append(("repaired", "\n".join(repair_pages(ocr)), truth))
    rates = compared(read, lambda text: text, seed)
    return {name: {"pdfs": rate["n"], **rate["before"]} for name, rate in rates.items()}


def clean_texts() -> list[dict[str, Any]]:
    """Share of documents and of characters that each repair changes in each file, its speed, and examples."""
    found = []
    for name in FILES:
        texts = [row["text"] for row in rows(name)]
        size = sum(len(text.encode()) for text in texts) / MEGABYTE
        for mend in (*REPAIRS, repair):
            changed, gone, examples = 0, 0, []
            began = time.process_time()
            for text in texts:
                mended = mend(text)
                if mended != text:
                    changed += 1
                    gone += len(text) - len(mended)
                    examples.append(difference(text, mended))
            seconds = time.process_time() - began
            interval = binomtest(changed, len(texts)).proportion_ci(method="wilson")
            found.append(
                {"file": name, "repair": mend.__name__, "documents": len(texts), "changed": changed,
                 "share": changed / len(texts), "interval_95": [float(interval.low), float(interval.high)],
                 "characters_gone": gone, "seconds_per_megabyte": round(seconds / size, 4),
                 "examples": examples[::max(1, len(examples) // 5)][:5]}
            )  # fmt: skip
    return found


def difference(before: str, after: str) -> str:
    """The first place where two texts part."""
    at = next(
        (at for at, (x, y) in enumerate(zip(before, after, strict=False)) if x != y), min(len(before), len(after))
    )
    start = max(0, at - 30)
    return f"{before[start : at + 50]!r} -> {after[start : at + 40]!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=9)
    parser.add_argument("--lines", type=int, default=100, help="real paragraphs per file and damage")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine("akana", "ftfy", "rapidfuzz", "pymupdf", "pytesseract")}
    figures |= {"seed": chosen.seed, "lines": chosen.lines, "pages": chosen.pages}
    figures["planted"] = compared(planted(chosen.seed), repair, chosen.seed)
    figures["spread"] = compared(spread(chosen.seed, chosen.lines), repair, chosen.seed)
    figures["misread"] = compared(misread(chosen.seed, chosen.lines), repair_mojibake, chosen.seed)
    figures["pairs"], figures["languages"] = pairs(chosen.seed), languages()
    figures["ocr"] = pages(chosen.pages, chosen.seed)
    figures["clean"] = clean_texts()
    write_results("repair", figures)
    for part in ("planted", "spread", "misread"):
        print(f"\n{part:<44}{'n':>5} {'CER before':>11} {'after':>8}  95% interval")
        for name, one in figures[part].items():
            before, after = one["before"]["cer"], one["after"]
            interval = f"{after['low']:.4f}-{after['high']:.4f}"
            print(f"{name:<44}{one['n']:>5} {before:>11.4f} {after['cer']:>8.4f}  {interval}")
    print("\nmojibake pairs", figures["pairs"])
    print("langid", figures["languages"]["changed"], figures["languages"]["turkish_with_western_letters"])
    print("\nOCR", figures["ocr"])
    print(f"\n{'file':<20}{'repair':<26}{'changed':>8} {'of':>7} {'share':>8} {'characters gone':>16} {'s/MB':>7}")
    for one in figures["clean"]:
        print(f"{one['file']:<20}{one['repair']:<26}{one['changed']:>8,} {one['documents']:>7,} {one['share']:>8.4%} "
              f"{one['characters_gone']:>16,} {one['seconds_per_megabyte']:>7.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
