"""Stage "section-data": labelled decisions in three parts, with text beside them that is no decision."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.config import Config, parse
from mecelle.base.errors import InputError
from mecelle.base.seeds import derive, generator
from mecelle.segmentation.decision import check, write_decisions
from mecelle.segmentation.headed import read_headed
from mecelle.segmentation.partition import PARTS, PartitionConfig, Split, divide
from mecelle.segmentation.record import Segmented

STAGE = "section-data"
VERSION = 1
_OUTSIDE_PARTS = ("train", "train", "train", "development", "test")


class SectionDataConfig(Config):
    """What becomes of the decisions."""

    partition: PartitionConfig = PartitionConfig()
    outside: int = Field(default=40, ge=0)
    """Texts that are no decisions among the training decisions, and a third as many in development and test."""
    outside_characters: int = Field(default=4_000, ge=100)
    """Longest of them, cut at its end."""


def build_section_data(
    decisions: Path,
    out: Path,
    config: SectionDataConfig,
    *,
    seed: int,
    splits: Path | None = None,
    outside: Path | None = None,
) -> None:
    """Make the artifact `out`: train.jsonl, development.jsonl, test.jsonl of `Segmented` rows.

    decisions: JSONL of headed rows (data/legal/decision_sections), whose headings are taken out, or of `Segmented`
    rows, whose sections are known. splits: docs/splits.json; None draws one by seed.
    outside: JSONL with `text`, or a collection, of what is no decision. Raises InputError for rows of another form.
    """
    given = {"decisions": decisions, "splits": splits, "outside": outside}
    inputs = {name: path for name, path in given.items() if path}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "decisions"
        removed: dict[str, int] = {}
        found = list(_read(decisions, run.accounts, removed))
        split = Split.read(splits) if splits else Split.draw(
            [one.id for one in found], config.partition.shares, seed=derive(seed, "split")
        )  # fmt: skip
        parts, dropped = divide(found, split, config.partition)
        for reason, count in sorted(dropped.items()):
            run.accounts.drop(reason, count)
        run.accounts.keep(sum(map(len, parts.values())))
        others = _outside(outside, config, seed=seed) if outside else []
        for part in PARTS:
            more = [one for place, one in enumerate(others) if _OUTSIDE_PARTS[place % len(_OUTSIDE_PARTS)] == part]
            write_decisions([*parts[part], *more], run.folder / f"{part}.jsonl")
        run.figures.update(
            parts={part: len(members) for part, members in parts.items()},
            outside=len(others),
            characters=sum(len(one.text) for one in found),
            removed_characters=dict(sorted(removed.items())),
        )


def _read(path: Path, accounts: Accounts, removed: dict[str, int]) -> Iterator[Segmented]:
    for number, row in enumerate(read_jsonl(path), start=1):
        where = f"{path}:{number}"
        decision = _decision(row, removed, where=where)
        labels = {section.label for section in decision.sections}
        if "ruling" not in labels:  # cut off by its source, or its headings were not told apart
            accounts.drop("no_ruling")
        else:
            yield check(decision, where=where)


def _decision(row: Any, removed: dict[str, int], *, where: str) -> Segmented:
    if not isinstance(row, dict) or not row.get("sections"):
        raise InputError(f"{where}: no decision with sections; expected a row with `id` and `sections`")
    if "text" not in row:
        decision, gone = read_headed(row)
        for name, count in gone.items():
            removed[name] = removed.get(name, 0) + count
        return decision
    return parse(Segmented, row, where=where)


def _outside(path: Path, config: SectionDataConfig, *, seed: int) -> Sequence[Segmented]:
    """Texts that are no decision, drawn by seed, as decisions without a section."""
    if path.is_dir():
        texts = [(one.id, one.text) for one in read_documents(path) if one.metadata.get("kind") != "decision"]
    else:
        texts = [(str(row.get("id", number)), str(row["text"])) for number, row in enumerate(read_jsonl(path))]
    count = min(config.outside * len(_OUTSIDE_PARTS) // 3, len(texts))
    chosen = generator(seed, "outside").choice(len(texts), count, replace=False)
    cut = config.outside_characters
    return [Segmented(id=f"outside-{texts[at][0]}", text=texts[at][1][:cut].strip()) for at in sorted(chosen.tolist())]
