"""Stage `select`, by domains: text that perplexity is measured on is taken out of one or several collections.

    documents/            what may be trained on, of all collections
    heldout.jsonl         {id, domain, group, side, text}: what is scored
    excluded.jsonl.zst    {id, reason}: what is in neither

Groups are held out whole: an act with all its articles, a decision with itself. So a model has read nothing of an act
that it is scored on, but it has of others in the field. Of each group a few documents are scored: articles of one act
are alike, and a field that is scored on one act alone has no interval.
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

VERSION = 3
FILE = "heldout.jsonl"
SIDES: tuple["Side", ...] = ("test", "development")
REPEATED, HELD_OUT, COPY, WHOLE_ACT = "repeated_id", "held_out", "copy_of_held_out", "whole_act"
SHORT, MORE = "short_text", "more_of_the_group"
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
    documents_per_group: int = Field(default=10, ge=1)
    """Scored of each group at most, drawn by the seed: `documents` then come from several acts where there are such."""
    least_characters: int = Field(default=200, ge=1)
    """Shorter documents of a group that is held out are not scored."""


@dataclass(slots=True)
class _Group:
    """What is held out or trained on together."""

    characters: int = 0
    whole: list[str] = field(default_factory=list)
    """Ids of the acts that are long enough to be scored."""
    others: list[str] = field(default_factory=list)
    """Of what else is."""
    has_articles: bool = False

    def scored(self, config: HoldOutConfig, *, seed: int) -> list[str]:
        """Ids; an act whose articles are scored is not."""
        found = self.others if self.has_articles else [*self.whole, *self.others]
        return sorted(found, key=lambda one: (derive(seed, "scored", one), one))[: config.documents_per_group]


@dataclass(slots=True)
class _Plan:
    """What becomes of each document."""

    sides: dict[str, Side] = field(default_factory=dict)
    """Group -> side; the others are trained on."""
    with_articles: set[str] = field(default_factory=set)
    scored: set[str] = field(default_factory=set)
    """Ids."""
    copies: dict[Side, set[str]] = field(default_factory=dict)
    """Hashes of the texts that are held out on each side."""


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
                        own = group(document)
                        row = {"id": document.id, "domain": domain(document), "group": own, "side": plan.sides[own]}
                        scored.write(row | {"text": document.text})

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
    side, text = plan.sides.get(own), content_hash(document.text)
    if side is None:
        return COPY if any(text in held for held in plan.copies.values()) else None
    if document.metadata.get("kind") == "statute" and own in plan.with_articles:
        return WHOLE_ACT  # its articles are scored
    if len(document.text) < config.least_characters:
        return SHORT
    if document.id not in plan.scored:
        return MORE
    return COPY if side != "test" and text in plan.copies["test"] else HELD_OUT


def _plan(
    collections: Sequence[Path], config: HoldOutConfig, *, seed: int
) -> tuple[_Plan, dict[str, dict[str, float]]]:
    """Which groups are held out; and of each domain its characters, and what of them is held out for each side."""
    groups: dict[str, dict[str, _Group]] = defaultdict(lambda: defaultdict(_Group))
    texts: dict[str, list[str]] = defaultdict(list)
    for document, first in _read(collections, "measure"):
        if first:
            own = groups[domain(document)][group(document)]
            kind = document.metadata.get("kind")
            own.characters += len(document.text)
            own.has_articles |= kind == "article"
            if len(document.text) >= config.least_characters:
                (own.whole if kind == "statute" else own.others).append(document.id)
            texts[group(document)].append(content_hash(document.text))
    if not groups:
        raise InputError(f"{', '.join(map(str, collections))}: no documents in them; nothing to hold out")
    plan, told = _Plan(), {}
    for name, own_groups in sorted(groups.items()):
        scored = {one: found.scored(config, seed=seed) for one, found in own_groups.items()}
        characters = {one: found.characters for one, found in own_groups.items()}
        sides = _sides(scored, characters, config, share=config.shares.get(name, config.most_share), seed=seed)
        plan.sides |= sides
        plan.scored |= {document for one in sides for document in scored[one]}
        plan.with_articles |= {one for one in sides if own_groups[one].has_articles}
        told[name] = {"characters": float(sum(characters.values()))}
        for side in SIDES:
            own_side = [one for one in sides if sides[one] == side]
            told[name] |= {
                f"{side}.characters": float(sum(characters[one] for one in own_side)),
                f"{side}.documents": float(sum(len(scored[one]) for one in own_side)),
                f"{side}.groups": float(len(own_side)),
            }
    plan.copies = {
        side: {one for held in plan.sides if plan.sides[held] == side for one in texts[held]} for side in SIDES
    }
    return plan, told


def _sides(
    scored: Mapping[str, Sequence[str]],
    characters: Mapping[str, int],
    config: HoldOutConfig,
    *,
    share: float,
    seed: int,
) -> dict[str, Side]:
    """The groups of one domain that are held out: in a seeded order, each side up to its half of the share."""
    room = share / len(SIDES) * sum(characters.values())
    order = sorted((name for name in scored if scored[name]), key=lambda name: (derive(seed, "hold out", name), name))
    sides: dict[str, Side] = {}
    for side in SIDES:
        documents, taken = 0, 0
        for name in order:
            if documents >= config.documents:
                break
            if name not in sides and taken + characters[name] <= room:
                sides[name] = side
                documents, taken = documents + len(scored[name]), taken + characters[name]
    if order and "test" not in sides.values():
        sides[min(order, key=lambda name: (characters[name], name))] = "test"
    return sides
