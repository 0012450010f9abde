"""Stage `select`, by domains: text that perplexity is measured on is taken out of one or several collections.

    documents/            what may be trained on, of all collections
    heldout.jsonl         {id, domain, side, text}: what is scored
    excluded.jsonl.zst    {id, reason}: what is in neither

Groups are held out whole: an act with all its articles, a decision with itself. So a model has read nothing of an act
that it is scored on, but it has of others in the field.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.collection import JsonlWriter, read_documents, write_documents
from mecelle.base.config import Config
from mecelle.base.document import Document, content_hash
from mecelle.base.errors import InputError
from mecelle.base.progress import track
from mecelle.base.seeds import derive
from mecelle.corpus.decontamination.gate import pass_on
from mecelle.corpus.select import STAGE
from mecelle.decoder.curriculum.domains import domain

VERSION = 1
FILE = "heldout.jsonl"
SIDES: tuple["Side", ...] = ("test", "development")
REPEATED, HELD_OUT, COPY, WHOLE_ACT, SHORT = "repeated_id", "held_out", "copy_of_held_out", "whole_act", "short_text"
Side = Literal["test", "development"]


class HoldOutConfig(Config):
    """Parameters."""

    documents: int = Field(default=100, ge=1)
    """Documents of each domain and side at least, as long as `most_share` allows."""
    most_share: float = Field(default=0.2, gt=0, lt=1)
    """Of a domain's characters, 0..1, both sides together; a domain all of whose groups are larger gives its smallest
    one to the test."""
    shares: dict[str, float] = Field(default={"code": 0.5})
    """`most_share` of single domains, where few and long documents would leave too few to score."""
    least_characters: int = Field(default=200, ge=1)
    """Shorter documents of a group that is held out are not scored."""


@dataclass(slots=True)
class _Group:
    """What is held out or trained on together."""

    characters: int = 0
    documents: int = 0
    """That can be scored."""
    has_articles: bool = False


@dataclass(slots=True)
class _Plan:
    """What becomes of each document."""

    sides: dict[str, Side] = field(default_factory=dict)
    """Group -> side; the others are trained on."""
    with_articles: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    """Hashes of the texts that are held out."""


def hold_out(collections: Sequence[Path], out: Path, config: HoldOutConfig, *, seed: int) -> None:
    """Divide the documents of `collections` into what is trained on and what is scored, into the artifact `out`.

    Reads the collections twice and holds a few strings for each group. An id that comes again counts as
    `repeated_id`; a document that is trained on nowhere though it is not scored, as why (see `excluded.jsonl.zst`).
    Raises InputError if the collections hold no document.
    """
    inputs = {f"collection.{number}": path for number, path in enumerate(collections)}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        if len(collections) == 1:
            pass_on(collections[0], run.folder)  # of several, none was checked against what another was
        plan, told = _plan(collections, config, seed=seed)
        with (
            JsonlWriter(run.folder / FILE) as scored,
            JsonlWriter(run.folder / "excluded.jsonl.zst") as excluded,
        ):

            def trained() -> Iterator[Document]:
                for document, first in _read(collections, "divide"):
                    reason = _reason(document, plan, config) if first else REPEATED
                    if reason is None:
                        run.accounts.keep()
                        yield document
                        continue
                    run.accounts.drop(reason)
                    excluded.write({"id": document.id, "reason": reason})
                    if reason == HELD_OUT:
                        side = plan.sides[group(document)]
                        row = {"id": document.id, "domain": domain(document), "side": side, "text": document.text}
                        scored.write(row)

            write_documents(trained(), run.folder / "documents")
        run.figures["domains"] = told


def group(document: Document) -> str:
    """What a document is held out with: its act by number, its regulation by title, else itself."""
    data = document.metadata
    kind, number, title = data.get("kind"), data.get("law_number"), data.get("title")
    if kind in ("statute", "article") and number:
        return f"act {number}"
    return f"regulation {title}" if kind == "regulation" and title else document.id


def _read(collections: Sequence[Path], doing: str) -> Iterator[tuple[Document, bool]]:
    """Every document, and whether its id comes for the first time."""
    seen: set[str] = set()
    for collection in collections:
        for document in track(read_documents(collection), doing):
            yield document, document.id not in seen
            seen.add(document.id)


def _reason(document: Document, plan: _Plan, config: HoldOutConfig) -> str | None:
    """Why a document is not trained on; None if it is."""
    own = group(document)
    if own not in plan.sides:
        return COPY if content_hash(document.text) in plan.copies else None
    if document.metadata.get("kind") == "statute" and own in plan.with_articles:
        return WHOLE_ACT  # its articles are scored
    return HELD_OUT if len(document.text) >= config.least_characters else SHORT


def _plan(
    collections: Sequence[Path], config: HoldOutConfig, *, seed: int
) -> tuple[_Plan, dict[str, dict[str, float]]]:
    """Which groups are held out; and of each domain its characters, and what of them is held out for each side."""
    groups: dict[str, dict[str, _Group]] = defaultdict(lambda: defaultdict(_Group))
    texts: dict[str, list[str]] = defaultdict(list)
    for document, first in _read(collections, "measure"):
        if first:
            own = groups[domain(document)][group(document)]
            own.characters += len(document.text)
            own.documents += len(document.text) >= config.least_characters
            own.has_articles |= document.metadata.get("kind") == "article"
            texts[group(document)].append(content_hash(document.text))
    if not groups:
        raise InputError(f"{', '.join(map(str, collections))}: no documents in them; nothing to hold out")
    plan, told = _Plan(), {}
    for name, own_groups in sorted(groups.items()):
        sides = _sides(own_groups, config, share=config.shares.get(name, config.most_share), seed=seed)
        plan.sides |= sides
        told[name] = {"characters": float(sum(one.characters for one in own_groups.values()))} | {
            f"{side}.{what}": float(sum(getattr(own_groups[one], what) for one in sides if sides[one] == side))
            for side in SIDES
            for what in ("characters", "documents")
        }
        plan.with_articles |= {one for one in sides if own_groups[one].has_articles}
    plan.copies = {one for held in plan.sides for one in texts[held]}
    return plan, told


def _sides(groups: Mapping[str, _Group], config: HoldOutConfig, *, share: float, seed: int) -> dict[str, Side]:
    """The groups of one domain that are held out: in a seeded order, each side up to its half of the share."""
    room = share / len(SIDES) * sum(one.characters for one in groups.values())
    scorable = [name for name, one in groups.items() if one.documents]
    order = sorted(scorable, key=lambda name: (derive(seed, "hold out", name), name))
    sides: dict[str, Side] = {}
    for side in SIDES:
        documents, characters = 0, 0
        for name in order:
            one = groups[name]
            if documents >= config.documents:
                break
            if name not in sides and characters + one.characters <= room:
                sides[name] = side
                documents, characters = documents + one.documents, characters + one.characters
    if scorable and "test" not in sides.values():
        sides[min(order, key=lambda name: (groups[name].characters, name))] = "test"
    return sides
