"""What a masked model itself would write: its most likely tokens in legal sentences. Source: HukukBERT Tables 7 and 8.

The sentences are ours, in the kind of the paper's. A table to be read, not a benchmark: twelve sentences prove little,
and a word of several tokens is never found, whatever the model knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from mecelle.base.collection import read_jsonl
from mecelle.base.document import content_hash
from mecelle.base.errors import InputError
from mecelle.base.protocols import MASK, MaskFiller
from mecelle.evaluation.keeping import Outcome
from mecelle.text.casing import fold

TASK = "free-vocabulary.v1"
K = 5


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence with `[MASK]`, and the words that a lawyer would put there."""

    id: str
    area: str
    sentence: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model put there."""

    prompt: Prompt
    words: tuple[tuple[str, float], ...]
    """The K most likely tokens with their probabilities, best first."""

    @property
    def rank(self) -> int | None:
        """Of the first wanted word, from 1; None if none is among the K."""
        wanted = {fold(word) for word in self.prompt.wanted}
        return next((rank for rank, (word, _) in enumerate(self.words, start=1) if fold(word) in wanted), None)


def read_prompts(path: Path | None = None) -> list[Prompt]:
    """The prompts of a JSON Lines file {id, area, sentence, wanted}; None reads the shipped ones."""
    if path is None:
        with as_file(files("mecelle.evaluation").joinpath("data", "free_vocabulary.jsonl")) as shipped:
            return read_prompts(shipped)
    prompts = []
    for number, row in enumerate(read_jsonl(path), start=1):
        if not isinstance(row, dict) or str(row.get("sentence")).count(MASK) != 1 or not row.get("wanted"):
            raise InputError(f"{path}:{number}: expected id, area, sentence with one {MASK}, and a list 'wanted'")
        prompts.append(Prompt(str(row["id"]), str(row.get("area", "")), row["sentence"], tuple(row["wanted"])))
    return prompts


def data_hash(prompts: Sequence[Prompt]) -> str:
    """Of ids, sentences and wanted words."""
    return content_hash("\x1e".join("\x1f".join((one.id, one.sentence, *one.wanted)) for one in prompts))


def complete(model: MaskFiller, prompts: Sequence[Prompt]) -> list[Completion]:
    """The model's own words for each prompt."""
    return [Completion(one, tuple(model.fill(one.sentence, k=K))) for one in prompts]


def outcome(completions: Sequence[Completion]) -> Outcome:
    """Share of the prompts whose wanted word comes first, and among the first five."""
    first = [float(one.rank == 1) for one in completions]
    among = [float(one.rank is not None) for one in completions]
    scores = {"wanted_first": sum(first) / len(first), f"wanted_top{K}": sum(among) / len(among)}
    return Outcome(
        main_score=f"wanted_top{K}",
        scores=scores,
        unit="sentence",
        ids=tuple(one.prompt.id for one in completions),
        values=tuple(among),
        notes=("a table to be read: a word of several tokens is never found",),
    )
