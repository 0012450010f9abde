"""The receipt of a takedown: what was asked, found and deleted, what remains and why, and who must do what."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from mecelle.corpus.takedown_log import Takedown, TakenDown
from mecelle.recipes.lineage import Fate

FOLDER = "takedowns"
_MOST_SHOWN = 20


class Seen(BaseModel):
    """Where one document was when it was taken down."""

    id: str
    source: str
    shards: list[str]
    models: list[str]
    steps: dict[str, list[int]]


class Deleted(BaseModel):
    """What left one index."""

    index: str
    ids: list[str]
    documents: int
    passages: int


class Remains(BaseModel):
    """Where the text, or what was learned from it, still is."""

    where: str
    why: str
    to_do: str


class Receipt(BaseModel):
    """One takedown, told without a word of the documents."""

    number: int
    date: str
    request: str
    reason: str
    taken_down: list[TakenDown]
    to_look_at: list[TakenDown]
    """Similar documents that stay until a person names them."""
    seen: list[Seen]
    deleted: list[Deleted]
    remains: list[Remains] = []

    @classmethod
    def of(cls, row: Takedown, fates: Sequence[Fate], deleted: Sequence[Deleted], similar: Sequence[TakenDown]) -> Self:
        """The receipt of a row of the log."""
        return cls(
            number=row.number,
            date=row.date,
            request=row.request,
            reason=row.reason,
            taken_down=row.documents,
            to_look_at=sorted(similar, key=lambda one: -one.similarity),
            seen=[Seen.model_validate(fate.model_dump(include=set(Seen.model_fields))) for fate in fates],
            deleted=list(deleted),
        )

    @property
    def models(self) -> list[str]:
        """Models that saw a document of it, in the order in which they are trained."""
        return list(dict.fromkeys(model for one in self.seen for model in one.models))


def receipt_path(workspace: Path, number: int) -> Path:
    """Where the receipt of a takedown lies; the same in JSON beside it."""
    return workspace / FOLDER / f"receipt-{number:04d}.md"


def read_receipt(workspace: Path, number: int) -> Receipt | None:
    """The receipt of a takedown, None if there is none (yet)."""
    path = receipt_path(workspace, number).with_suffix(".json")
    return Receipt.model_validate_json(path.read_bytes()) if path.exists() else None


def write_receipt(workspace: Path, receipt: Receipt) -> None:
    """Write it for programs, then for people: with the second the takedown is done."""
    receipt.remains = list(_remains(workspace, receipt))
    path = receipt_path(workspace, receipt.number)
    path.parent.mkdir(exist_ok=True)
    for place, text in ((path.with_suffix(".json"), receipt.model_dump_json(indent=1)), (path, _page(receipt))):
        partial = place.with_name(place.name + ".partial")
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(place)


def _remains(workspace: Path, receipt: Receipt) -> Iterator[Remains]:
    shards = sorted({shard for one in receipt.seen for shard in one.shards})
    for source in sorted({one.source for one in receipt.seen}):
        yield Remains(where=source, why="the source is yours", to_do="its owner deletes it there")
    for shard in shards:
        if shard.split("/")[1].endswith("documents"):
            to_do = "delete the source, then `mecelle run`; until then every build leaves it out"
            yield Remains(where=shard, why="it mirrors the source", to_do=to_do)
        else:
            yield Remains(where=shard, why="it was made before", to_do="`mecelle run` makes it anew without it")
    for model in receipt.models:
        yield Remains(
            where=f"artifacts/{model}",
            why="it was trained on it",
            to_do="`mecelle run` trains it anew without it (`mecelle run --retrain`: and on what came since); withdraw "
            "copies that were given away",
        )
    if receipt.models:
        why = "pairs, vectors and scores that were made of it"
        yield Remains(where="artifacts/pairs, guide, evaluation", why=why, to_do="`mecelle run` makes them anew")
    if (workspace / "work").exists():
        why = "caches, packed training data and checkpoints"
        yield Remains(where="work", why=why, to_do="delete the folder; stages read their input again then")
    if (workspace / ".dvc" / "cache").exists():
        yield Remains(where=".dvc/cache", why="older results", to_do="after the run: `dvc gc --workspace --force`")
    yield Remains(
        where="searches and services that had an index open",
        why="they keep to the index that they opened",
        to_do="start them again",
    )


def _page(receipt: Receipt) -> str:
    return "\n".join(_lines(receipt))


def _lines(receipt: Receipt) -> Iterator[str]:
    yield f"# Takedown {receipt.number}, {receipt.date}"
    yield f"\nAsked: {receipt.request}" + (f"\n\nReason: {receipt.reason}" if receipt.reason else "")
    yield "\n## Taken down\n"
    yield from (f"- `{one.id}`: {_told(one)}" for one in receipt.taken_down)
    yield "\nNo later build takes them in, nor copies that come later."
    if receipt.to_look_at:
        yield f"\n## Please look: {len(receipt.to_look_at)} similar documents, which stay\n"
        yield from (f"- `{one.id}`: {_told(one)}; {one.why}" for one in receipt.to_look_at[:_MOST_SHOWN])
        yield "\nName one in a request of its own to take it down. All of them stand in the JSON beside this page."
    yield "\n## Deleted\n"
    for one in receipt.deleted:
        yield f"- {one.index}: {one.documents} documents, {one.passages} passages. A search finds them no more."
    if not receipt.deleted:
        yield "Nothing: no index was there."
    yield "\n## Models that saw them\n"
    yield from _models(receipt)
    yield "\n## What remains, why, and what to do\n"
    yield from (f"- {one.where}: {one.why}; {one.to_do}" for one in receipt.remains)


def _told(one: TakenDown) -> str:
    return one.how.replace("_", " ") + (f", similarity {one.similarity:.2f}" if one.similarity < 1 else "")


def _models(receipt: Receipt) -> Iterator[str]:
    if not receipt.models:
        yield "None in this workspace."
    for model in receipt.models:
        saw = [one for one in receipt.seen if model in one.models]
        yield f"- {model}: {len(saw)} of them"
        for training in sorted({name for one in saw for name in one.steps if name.partition("/")[0] == model}):
            steps = sorted({step for one in saw for step in one.steps.get(training, [])})
            yield f"  - {training}: in {len(steps)} steps ({_ranges(steps)})"


def _ranges(steps: Sequence[int]) -> str:
    """`1-3, 7`: at most a line of them."""
    spans: list[list[int]] = []
    for step in steps:
        if spans and step == spans[-1][1] + 1:
            spans[-1][1] = step
        else:
            spans.append([step, step])
    told = [f"{first}-{last}" if last > first else str(first) for first, last in spans]
    return ", ".join(told[:_MOST_SHOWN]) + (", ..." if len(told) > _MOST_SHOWN else "")
