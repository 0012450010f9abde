"""Stage "section-data": labelled decisions in three parts, with text beside them that is no decision.

train.jsonl, development.jsonl, test.jsonl   without headings
headed/train.jsonl, ...                      the same decisions with their headings
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.config import Config, parse
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive, generator
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.segmentation.decision import check, read_decisions, write_decisions
from mecelle.segmentation.headed import read_headed
from mecelle.segmentation.partition import PARTS, PartitionConfig, Split, divide, may_be_seen
from mecelle.segmentation.record import SectionSpan, Segmented

HEADED = "headed"
"""Folder of the decisions with their headings."""
STAGE = "section-data"
VERSION = 3
_OUTSIDE_PARTS = ("train", "train", "train", "development", "test")


class SectionDataConfig(Config):
    """What becomes of the decisions."""

    partition: PartitionConfig = PartitionConfig()
    outside: int = Field(default=40, ge=0)
    """Texts that are no decisions among the training decisions, and a third as many in development and test."""
    outside_characters: int = Field(default=4_000, ge=100)
    """Longest of them, cut at its end."""
    generated: int = Field(default=0, ge=0)
    """At most so many decisions of the generator (`mecelle.sample`) among the training decisions, for their forms."""


class _Labelled(NamedTuple):
    bare: Segmented
    headed: Segmented
    """The same where its headings are not known."""


def build_section_data(
    decisions: Path,
    out: Path,
    config: SectionDataConfig,
    *,
    seed: int,
    splits: Path | None = None,
    outside: Path | None = None,
) -> None:
    """Make the artifact `out` of `Segmented` rows, which `read_part` reads.

    decisions: JSONL of headed rows (data/legal/decision_sections), whose headings are taken out, or of `Segmented`
    rows, whose sections are known. splits: docs/splits.json; None draws one by seed.
    outside: JSONL with `text`, or a collection, of what is no decision. Raises InputError for rows of another form.
    """
    given = {"decisions": decisions, "splits": splits, "outside": outside}
    inputs = {name: path for name, path in given.items() if path}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "decisions"
        removed: dict[str, int] = {}
        both = list(_read(decisions, run.accounts, removed))
        found, headed = [one.bare for one in both], {one.bare.id: one.headed for one in both}
        split = Split.read(splits) if splits else Split.draw(
            [one.id for one in found], config.partition.shares, seed=derive(seed, "split")
        )  # fmt: skip
        parts, dropped = divide(found, split, config.partition)
        for reason, count in sorted(dropped.items()):
            run.accounts.drop(reason, count)
        run.accounts.keep(sum(map(len, parts.values())))
        others = _outside(outside, config, seed=seed) if outside else []
        made = _generated(config, seed=derive(seed, "generated")) if config.generated else []
        (run.folder / HEADED).mkdir()
        for part in PARTS:
            write_decisions((headed[one.id] for one in parts[part]), run.folder / HEADED / f"{part}.jsonl")
            more = [one for place, one in enumerate(others) if _OUTSIDE_PARTS[place % len(_OUTSIDE_PARTS)] == part]
            more += made if part == "train" else []
            write_decisions([*parts[part], *more], run.folder / f"{part}.jsonl")
        run.figures.update(
            parts={part: len(members) for part, members in parts.items()},
            outside=len(others),
            generated=len(made),
            characters=sum(len(one.text) for one in found),
            removed_characters=dict(sorted(removed.items())),
        )


def read_part(folder: Path, part: str) -> tuple[list[Segmented], dict[str, Segmented]]:
    """The decisions of a part, and by id those whose headings are known, with them."""
    headed = read_decisions(folder / HEADED / f"{part}.jsonl")
    return read_decisions(folder / f"{part}.jsonl"), {one.id: one for one in headed}


def _read(path: Path, accounts: Accounts, removed: dict[str, int]) -> Iterator[_Labelled]:
    rows: dict[str, int] = {}
    for number, row in enumerate(read_jsonl(path), start=1):
        where = f"{path}:{number}"
        both = _both(row, removed, where=where)
        first = rows.setdefault(both.bare.id, number)
        if not both.bare.id or first < number:  # the split names decisions by their ids
            fault = f"id '{both.bare.id}' is that of row {first}, too" if both.bare.id else "no id"
            raise InputError(f"{where}: {fault}; give every decision an id of its own")
        labels = {section.label for section in both.bare.sections}
        if "ruling" not in labels:  # cut off by its source, or its headings were not told apart
            accounts.drop("no_ruling")
        else:
            check(both.bare, where=where)
            yield both


def _both(row: Any, removed: dict[str, int], *, where: str) -> _Labelled:
    if not isinstance(row, dict) or not row.get("sections"):
        raise InputError(f"{where}: no decision with sections; expected a row with `id` and `sections`")
    if "text" in row:
        decision = parse(Segmented, row, where=where)
        return _Labelled(decision, decision)
    try:
        bare, gone = read_headed(row)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    for name, count in gone.items():
        removed[name] = removed.get(name, 0) + count
    return _Labelled(bare, read_headed(row, headings=True)[0])


def _generated(config: SectionDataConfig, *, seed: int) -> list[Segmented]:
    """Generated decisions, with the sections that they were written in; none of a court that is held out."""
    count, least = config.generated, SampleSize.tiny()
    sample = generate(seed=seed, size=replace(least, num_decisions=max(count, least.num_decisions)))
    made = []
    for one in (decision for decision in sample.decisions if decision.sections):
        spans = [SectionSpan.model_validate({"label": s.label, "start": s.start, "end": s.end}) for s in one.sections]
        facts = {"court": one.court, "chamber": one.chamber, "date": one.date}
        made.append(Segmented(id=f"generated-{one.id}", text=one.text, sections=tuple(spans), metadata=facts))
    return [one for one in made if may_be_seen(one, config.partition)][:count]


def _outside(path: Path, config: SectionDataConfig, *, seed: int) -> Sequence[Segmented]:
    """Texts that are no decision, drawn by seed, as decisions without a section."""
    if path.is_dir():
        texts = [(one.id, one.text) for one in read_documents(path) if one.metadata.get("kind") != "decision"]
    else:
        texts = [_told(row, path, number) for number, row in enumerate(read_jsonl(path))]
    count = min(config.outside * len(_OUTSIDE_PARTS) // 3, len(texts))
    chosen = generator(seed, "outside").choice(len(texts), count, replace=False)
    cut = config.outside_characters
    return [Segmented(id=f"outside-{texts[at][0]}", text=texts[at][1][:cut].strip()) for at in sorted(chosen.tolist())]


def _told(row: Any, path: Path, number: int) -> tuple[str, str]:
    """Id and text of a row; number: its place, from 0, which stands for an id that it lacks."""
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InputError(f"{path}:{number + 1}: no text in it; expected rows with `text`, or a collection")
    return str(row.get("id", number)), row["text"]
