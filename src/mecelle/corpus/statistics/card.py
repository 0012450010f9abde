"""A data card: what a corpus holds, where it comes from, what was done to it, and what to know before using it."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from mecelle.base import artifacts
from mecelle.base.artifacts import RunRecord
from mecelle.base.errors import ConfigError
from mecelle.corpus.statistics.amounts import Amount, Amounts, summed
from mecelle.corpus.statistics.report import unit_of
from mecelle.corpus.statistics.survey import NO_LICENCE, Survey
from mecelle.corpus.statistics.tables import Table, content_table, in_order

MOST_SOURCES = 40
"""Rows of the table of sources; the rest stands in one."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))  # fmt: skip


def write_card(collection: Path, found: Survey, path: Path) -> None:
    """Write the card of an artifact to `path` (README.md), in the form of Hugging Face dataset cards.

    Tells what the survey found and what the run records say of the artifact and of what it was made from.
    Raises ConfigError if `path` lies inside the artifact, which another file would make another one.
    """
    if collection.resolve() in path.resolve().parents:
        raise ConfigError(f"{path}: lies inside {collection}, whose files are fixed; choose a place beside it")
    records, name = _ancestry(collection), collection.name
    sections = [
        _header(name, found),
        f"# {name}\n\n{_summary(found)}",
        f"## Contents\n\n{content_table(found.amounts, caption=unit_of(found)).markdown()}",
        f"## Sources and licences\n\n{_sources(found).markdown()}",
        *([f"## How it was made\n\n{_steps(records)}"] if records else []),
        f"## Personal data\n\n{_personal(records)}",
        f"## Known limits\n\n{_limits(found, records)}",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(section.strip() for section in sections) + "\n", encoding="utf-8")


def _ancestry(collection: Path) -> list[RunRecord]:
    """Run records from the first stage to this one."""
    records: list[RunRecord] = []
    place: Path | None = collection
    while place is not None and (record := artifacts.read_record(place)):
        records.insert(0, record)
        source = record.inputs.get("documents") or record.inputs.get("corpus")
        place = Path(source.path) if source else None
    return records


def _header(name: str, found: Survey) -> str:
    licences = [licence for licence in found.by_licence() if licence != NO_LICENCE]
    whole = len(licences) == 1 and found.by_licence()[licences[0]] == found.documents.total()
    count = summed(found.amounts).documents
    values = {
        "pretty_name": name,
        "language": ["tr"],
        "license": licences[0] if whole else "other" if licences else "unknown",
        "size_categories": [next((label for most, label in _SIZES if count < most), "n>1B")],
        "task_categories": ["fill-mask", "text-generation"],
        "tags": ["legal", "turkish"],
        "configs": [{"config_name": "default", "data_files": "documents/*.jsonl.zst"}],
    }
    return f"---\n{yaml.safe_dump(values, allow_unicode=True, sort_keys=False)}---"


def _summary(found: Survey) -> str:
    whole = summed(found.amounts)
    dated = f" Dates run from {found.dates[0]} to {found.dates[1]}." if found.dates else ""
    return (
        f"Turkish text for training language models: {whole.documents:,} documents, {whole.characters:,} characters, "
        f"{whole.tokens:,} tokens ({found.counter.name}), {whole.gigabytes:.3g} GB.{dated} Each line is a document, "
        "with `id`, `text` and `metadata`."
    )


def _sources(found: Survey) -> Table:
    order = [
        name for name, _ in sorted(found.documents.items(), key=lambda item: (-found.characters[item[0]], item[0]))
    ]
    rows = [
        (name, found.documents[name], found.characters[name], ", ".join(sorted(found.licences[name])))
        for name in order[:MOST_SOURCES]
    ]
    if rest := order[MOST_SOURCES:]:
        documents, characters = (
            sum(found.documents[name] for name in rest),
            sum(found.characters[name] for name in rest),
        )
        licences = sorted({licence for name in rest for licence in found.licences[name]})
        rows.append((f"{len(rest)} smaller sources", documents, characters, ", ".join(licences)))
    return Table("Licences as the sources state them", ("source", "documents", "characters", "licence"), tuple(rows))


def _steps(records: list[RunRecord]) -> str:
    return "\n\n".join("\n\n".join(_stage(record)) for record in records)


def _stage(record: RunRecord) -> Iterator[str]:
    seed = "" if record.seed is None else f", seed {record.seed}"
    yield f"### {record.stage} (Mecelle {record.mecelle}, version {record.version} of the stage{seed})"
    if record.accounts:
        yield record.accounts.sentence() + "."
    rows = tuple(
        (step["step"], step["seen"], step["kept"], ", ".join(f"{why} {n:,}" for why, n in step["dropped"].items()))
        for step in record.figures.get("steps", [])
        if "seen" in step
    )
    if rows:
        yield Table("Steps, in order", ("step", "documents in", "out", "dropped"), rows).markdown().strip()
    if record.parameters:
        yield f"Parameters:\n\n```yaml\n{yaml.safe_dump(record.parameters, allow_unicode=True, sort_keys=False)}```"


def _personal(records: list[RunRecord]) -> str:
    masked = next((r.figures["identifiers"] for r in reversed(records) if "identifiers" in r.figures), None)
    if masked is None:
        return (
            "No step that masks identifiers is on record for this collection: it may hold whatever its sources publish."
        )
    counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(masked.items())) or "none were found"
    return (
        f"Identifiers were looked for by rule and replaced in the whole corpus, before any sampling: {counts}. Names "
        "of persons, and identifiers in forms that the rules do not know, may remain; so may what the courts' own "
        "anonymisation left."
    )


def _limits(found: Survey, records: list[RunRecord]) -> str:
    whole = summed(found.amounts)
    limits = [
        _largest(found.amounts, whole),
        "Categories follow from metadata and titles by rule; nobody checked them by hand.",
    ]
    if unknown := found.by_licence()[NO_LICENCE]:
        limits.append(
            f"{unknown:,} of {whole.documents:,} documents come without a stated licence. Acts and court decisions "
            "carry no copyright in Türkiye (FSEK art. 31); other texts may."
        )
    if found.truncated:
        limits.append(f"{found.truncated:,} documents are cut short at their source.")
    if failed := sum(sum(record.accounts.failed.values()) for record in records if record.accounts):
        limits.append(f"{failed:,} rows or files could not be read or handled, and are listed in `failed.jsonl`.")
    if repeats := records[-1].figures.get("copies", {}).get("repeats") if records else 0:
        limits.append(
            f"{repeats:,} lines repeat a document of the corpus (`copy` in the metadata): count ids, not lines."
        )
    return "\n".join(f"- {limit}" for limit in limits)


def _largest(amounts: Amounts, whole: Amount) -> str:
    name = max(in_order(amounts), key=lambda one: amounts[one].bytes, default="nothing")
    share = 100 * amounts[name].bytes / whole.bytes if whole.bytes else 0.0
    return f"{name} is the largest category, with {share:.1f}% of the bytes."
