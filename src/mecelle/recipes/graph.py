"""The graph of a workspace: stages, each one `mecelle` command, and the user's files that they read."""

from pathlib import Path
from shlex import quote
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Inputs(BaseModel):
    """The user's files that a workspace is made for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: tuple[Path, ...]
    """Documents: files or folders."""
    queries: Path | None = None
    """Questions with their gold documents, to score searches by."""
    documents: Path | None = None
    """The collection that those questions are asked of."""
    splits: Path | None = None
    """Which of them are for development, which for test."""
    terms: tuple[Path, ...] = ()
    """Lists of legal terms that the tokenizer is seeded with."""
    truth: Path | None = None
    """What was planted in the bundled sample; the report says what of it was found."""
    general: tuple[Path, ...] = ()
    """Text of no domain, which a general encoder is trained on before it is adapted."""
    initial: str | None = None
    """Hub id or folder of a general encoder, in the place of one trained on `general`."""
    cloze: Path | None = None
    """Items of the Legal Cloze Test."""
    heldout: Path | None = None
    """Text that nothing is trained on: what masked-token loss and accuracy are measured on."""
    pairs: Path | None = None
    """A table of queries and texts that answer them, in the place of pairs made from the documents."""
    nli: Path | None = None
    """A table of sentences and what follows from them, or contradicts them."""
    sts: Path | None = None
    """A table of sentences and how alike they are."""
    qa: Path | None = None
    """A table of questions and answers, for a stage behind retrieval."""
    ranking: Path | None = None
    """A table of queries, documents and documents that do not answer, for a stage behind that."""
    variants: dict[str, str] = Field(default_factory=dict)
    """Of the recipe, as they were asked for: some change the graph."""


def arguments(option: str, *paths: Path | None) -> str:
    """` --option path` for each path that is given, quoted for a shell; an empty string if none is."""
    return "".join(f" {option} {quote(str(path))}" for path in paths if path)


def paths(*given: Path | None) -> tuple[str, ...]:
    """Those that are given, as a stage reads them."""
    return tuple(str(path) for path in given if path)


class Stage(BaseModel):
    """One node of the graph that DVC runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    command: str
    """A `mecelle` command as a person would type it in the workspace."""
    reads: tuple[str, ...] = ()
    """Paths: artifacts of earlier stages, or the user's files."""
    makes: str
    """The artifact: a path inside the workspace. Its run record stands beside it."""
    parameters: tuple[str, ...] = ()
    """Sections of params.yaml. The stage's version is added, so that changed code is redone."""
    version: int
    cached: bool = True
    """Whether DVC keeps a copy of old results. Indexes are not copied: they are large and made anew in minutes."""
    persistent: bool = False
    """Whether DVC leaves the old result in place before the stage runs, since the stage updates it."""
    remembers: str | None = None
    """A folder that outlives the stage, such as the snapshot of what may be trained on."""
    has_record: bool = True

    def as_dvc(self) -> dict[str, Any]:
        """The stage as DVC's YAML has it."""
        options: dict[str, bool] = {}
        if not self.cached:
            options["cache"] = False
        if self.persistent:
            options["persist"] = True
        outs: list[Any] = [{self.makes: options} if options else self.makes]
        if self.remembers:
            outs.append({self.remembers: {"cache": False, "persist": True}})
        entry: dict[str, Any] = {"cmd": self.command}
        if self.reads:
            entry["deps"] = list(self.reads)
        entry["params"] = [*self.parameters, f"versions.{self.name}"]
        entry["outs"] = outs
        if self.has_record:
            # As metrics, so that `dvc metrics diff` compares two runs; no stage depends on them, so that seconds and
            # memory never make anything stale.
            entry["metrics"] = [f"{self.makes}.run.json"]
        return entry
