"""Write a sample out: documents in all formats, their truth, and planted bad files."""

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from mecelle.sample.records import Contract, Decision, Sample
from mecelle.sample.rows import Row, rows_by_file
from mecelle.sample.writers import WRITERS
from mecelle.sample.writers.jsonl import write_rows

_SINGLE_FORMATS: Final = ("txt", "html", "docx", "udf", "pdf")


def write(sample: Sample, folder: Path, *, seed: int) -> None:
    """Spread `sample` over the formats in `folder/documents`, and put what is known about it in `folder/truth`.

    Each document stands in one file of one format. `seed` chooses which documents leave the JSONL files; the same
    sample and seed give the same bytes. Files that are already there are overwritten, others are left alone.
    Raises MissingPackageError if the packages for DOCX or PDF are absent.
    """
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    singles, remaining = _choose_singles(sample, random.Random(f"{seed}:formats"))
    formats: dict[str, str] = {}
    for stem, rows in remaining.items():
        formats |= {row["id"]: f"{stem}.jsonl" for row in rows}
    for name, rows in singles.items():
        target = documents / name
        target.mkdir(exist_ok=True)
        writer, suffix = WRITERS[name]
        for row in rows:
            file = target / f"{file_stem(row['id'])}{suffix}"
            writer(row, file)
            formats[row["id"]] = file.relative_to(documents).as_posix()
    failed = _write_bad_rows(remaining)
    for stem, rows in remaining.items():
        write_rows(documents / f"{stem}.jsonl", rows)
    failed += _write_bad_files(documents)
    _write_truth(sample, folder / "truth", formats=formats, failed=failed)


def file_stem(identity: str) -> str:
    """The file name for a document id: '/' and ':' become '-'."""
    return identity.replace("/", "-").replace(":", "-")


def _choose_singles(sample: Sample, rng: random.Random) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Rows per single-file format, and the rows that stay in JSONL files. Copies and damaged texts stay."""
    remaining = dict(rows_by_file(sample))
    groups = sample.duplicates
    tied = {identity for group in (*groups.exact, *groups.near, *groups.distinct_pairs) for identity in group}
    tied |= {damage.id for damage in sample.damaged}
    pool = [row for row in remaining["decisions"] if row["id"] not in tied]
    contracts = remaining["contracts"]
    wanted = sample.size.num_single_files
    picks = rng.sample(pool, min(len(pool), len(_SINGLE_FORMATS) * wanted + sample.size.num_scanned))
    contract_picks = rng.sample(contracts, min(len(contracts) // 2, len(_SINGLE_FORMATS) * max(1, wanted // 8)))
    singles: dict[str, list[Row]] = {name: [] for name in (*_SINGLE_FORMATS, "scanned")}
    singles["scanned"] = picks[len(_SINGLE_FORMATS) * wanted :]
    for at, row in enumerate([*picks[: len(_SINGLE_FORMATS) * wanted], *contract_picks]):
        singles[_SINGLE_FORMATS[at % len(_SINGLE_FORMATS)]].append(row)
    gone = {row["id"] for rows in singles.values() for row in rows}
    kept = {stem: [row for row in rows if row["id"] not in gone] for stem, rows in remaining.items()}
    return singles, kept


def _write_bad_rows(remaining: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """Plant a row without a text and a line that is no JSON; say where they are."""
    rows = remaining["web"]
    rows.insert(len(rows) // 2, {"id": "bad-no-text", "kind": "web"})
    rows.insert(len(rows) // 2, {"": '{"id": "bad-no-json", "text": "Yarım kalan satır'})
    return [
        {"path": "web.jsonl", "reason": "missing_text", "count": 1},
        {"path": "web.jsonl", "reason": "not_json", "count": 1},
    ]


def _write_bad_files(documents: Path) -> list[dict[str, Any]]:
    """Plant a corrupt PDF and an empty file; say where they are."""
    for name in ("pdf", "txt"):
        (documents / name).mkdir(exist_ok=True)
    (documents / "pdf" / "bad-corrupt.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R\nbozuk")
    (documents / "txt" / "bad-empty.txt").write_bytes(b"")
    return [
        {"path": "pdf/bad-corrupt.pdf", "reason": "corrupt_pdf", "count": 1},
        {"path": "txt/bad-empty.txt", "reason": "empty_file", "count": 1},
    ]


def _write_truth(sample: Sample, truth: Path, *, formats: dict[str, str], failed: list[dict[str, Any]]) -> None:
    truth.mkdir(parents=True, exist_ok=True)
    sectioned = [decision for decision in sample.decisions if decision.sections]
    write_rows(truth / "sections.jsonl", [{"id": d.id, "sections": [asdict(s) for s in d.sections]} for d in sectioned])
    write_rows(
        truth / "citations.jsonl", [{"id": d.id, "citations": [asdict(c) for c in d.citations]} for d in sectioned]
    )
    carriers: list[Decision | Contract] = [*sample.decisions, *sample.contracts]
    write_rows(
        truth / "identifiers.jsonl",
        [{"id": c.id, "identifiers": [asdict(i) for i in c.identifiers]} for c in carriers if c.identifiers],
    )
    write_rows(truth / "ocr.jsonl", [asdict(damage) for damage in sample.damaged])
    write_rows(truth / "questions.jsonl", [asdict(question) for question in sample.questions])
    write_rows(truth / "terms.jsonl", [asdict(term) for term in sample.terms])
    write_rows(truth / "articles.jsonl", [asdict(article) for article in sample.articles])
    _write_json(truth / "duplicates.json", asdict(sample.duplicates))
    junk = {page.id: page.reason for page in sample.junk}
    _write_json(truth / "junk.json", {"junk": junk, "foreign": {page.id: page.reason for page in sample.foreign}})
    _write_json(truth / "formats.json", formats)
    _write_json(truth / "failed.json", {"count": sum(entry["count"] for entry in failed), "failed": failed})


def _write_json(path: Path, value: Any) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
